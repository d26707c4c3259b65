import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from 'flotilla/testing';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const CLI = join(ROOT, 'packages/cli/bin/flotilla.js');

/** The real thing: a shop in a process of its own, on a data folder that outlives it. */
export class Shop implements AsyncDisposable {
  readonly data: string;
  readonly url: string;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(data: string, port: number) {
    this.data = data;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A shop that is not open yet, with an empty data folder. */
  static async create(): Promise<Shop> {
    return new Shop(await mkdtemp(join(tmpdir(), 'shop-')), await freePort());
  }

  static async open(): Promise<Shop> {
    const shop = await Shop.create();
    shop.start();
    await shop.ready();
    return shop;
  }

  start(): void {
    const args = [CLI, 'dev', 'examples/shop/system.ts', '--port', new URL(this.url).port, '--data', this.data];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (this.#output += String(text)));
    this.#process = child;
  }

  /** Resolves as soon as the shop serves; rejects with what it printed when it ends before. */
  async ready(): Promise<void> {
    await until(`${this.url} is ready`, async () => {
      const { exitCode } = this.#process!;
      if (exitCode !== null) throw new Error(`The shop ended with ${exitCode}:\n${this.#output}`);
      return (await fetch(`${this.url}/readyz`)).ok;
    });
  }

  /** `SIGKILL` ends it in the middle of whatever it does, `SIGTERM` when it is done. Resolves with the exit code. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    this.#process = undefined;
    return child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.data, { recursive: true, force: true });
  }
}
