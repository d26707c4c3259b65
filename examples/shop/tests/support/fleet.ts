import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from 'flotilla/testing';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const CLI = join(ROOT, 'packages/cli/bin/flotilla.js');

/** One running instance of a service. */
export interface Ship {
  readonly pid: number;
  readonly service: string;
  readonly internalUrl: string;
}

/** The shop as a supervised process per service, with several instances of some. */
export class Fleet implements AsyncDisposable {
  readonly data: string;
  readonly url: string;
  readonly #supervisor: ReturnType<typeof spawn>;
  #output = '';

  private constructor(data: string, port: number, { scale, more }: { scale: string; more: readonly string[] }) {
    this.data = data;
    this.url = `http://127.0.0.1:${port}`;
    const args = [CLI, 'dev', 'examples/shop/system.ts', '--processes', '--scale', scale, '--port', String(port), '--data', data];
    args.push(...more);
    this.#supervisor = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#supervisor.stdout, this.#supervisor.stderr]) {
      stream?.on('data', (text: Buffer) => (this.#output += String(text)));
    }
  }

  /** `more` arguments of the command may say what it stands on. */
  static async open(scale: string, ...more: readonly string[]): Promise<Fleet> {
    await using opening = new AsyncDisposableStack();
    const fleet = opening.use(new Fleet(await mkdtemp(join(tmpdir(), 'shop-')), await freePort(), { scale, more }));
    let health: unknown;
    const isUp = async (): Promise<boolean> => {
      const { exitCode } = fleet.#supervisor;
      if (exitCode !== null) throw new Error(`The supervisor ended with ${exitCode}.`);
      health = await (await fetch(`${fleet.url}/health`)).json();
      return (health as { status: string }).status === 'UP';
    };
    await until('the whole fleet is up', isUp).catch((cause: unknown) => {
      const message = `The fleet did not come up. Health: ${JSON.stringify(health)}\n${fleet.#output}`;
      throw new Error(message, { cause });
    });
    opening.move();
    return fleet;
  }

  /** The instances of all services that take requests now. */
  async ships(): Promise<Ship[]> {
    const notes = (await readdir(join(this.data, 'run'))).filter((name) => name.endsWith('.json'));
    return (await Promise.all(notes.map((name) => this.#afloat(name)))).flat();
  }

  async #afloat(name: string): Promise<Ship[]> {
    try {
      const note = JSON.parse(await readFile(join(this.data, 'run', name), 'utf8')) as Omit<Ship, 'service'> & {
        services: string[];
      };
      const { ok } = await fetch(`${note.internalUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return ok ? note.services.map((service) => ({ pid: note.pid, service, internalUrl: note.internalUrl })) : [];
    } catch {
      return []; // It went away meanwhile, or does not answer.
    }
  }

  async end(): Promise<number | null> {
    const { exitCode, signalCode } = this.#supervisor;
    if (exitCode === null && signalCode === null) {
      this.#supervisor.kill('SIGTERM');
      await once(this.#supervisor, 'exit');
    }
    return this.#supervisor.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await rm(this.data, { recursive: true, force: true });
  }
}
