import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const CLI = join(ROOT, 'packages/cli/bin/flotilla.js');
const SERVICES = ['users', 'catalog', 'inventory', 'orders', 'payments', 'shipping', 'notifications'];

/** The same shop with a process for each service and one for the gateway, all on one data folder. */
export class Parts implements AsyncDisposable {
  readonly data: string;
  readonly url: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #processes = new Map<string, ChildProcess>();
  #output = '';

  private constructor(data: string, ports: ReadonlyMap<string, number>) {
    this.data = data;
    this.#ports = ports;
    this.url = `http://127.0.0.1:${ports.get('gateway')}`;
  }

  /** Starts every part at once: the order in which they come up does not matter. */
  static async open(): Promise<Parts> {
    const ports = new Map<string, number>();
    for (const name of [...SERVICES, 'gateway']) ports.set(name, await freePort());
    await using opening = new AsyncDisposableStack();
    const parts = opening.use(new Parts(await mkdtemp(join(tmpdir(), 'shop-')), ports));
    for (const name of ports.keys()) parts.start(name);
    await until('every part is up', 60_000, async () => (await parts.#health()) === 'UP');
    opening.move();
    return parts;
  }

  start(name: string): void {
    const peers = [...this.#ports].filter(([peer]) => peer !== name && peer !== 'gateway');
    const args = [
      CLI,
      'start',
      name,
      '--system',
      'examples/shop/system.ts',
      '--port',
      String(this.#ports.get(name)),
      '--data',
      this.data,
    ];
    const child = spawn(
      process.execPath,
      [...args, '--peers', peers.map(([peer, port]) => `${peer}=http://127.0.0.1:${port}`).join()],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (this.#output += String(text)));
    this.#processes.set(name, child);
  }

  async end(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#processes.get(name)!;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.#processes.delete(name);
    return child.exitCode;
  }

  async #health(): Promise<string> {
    const dead = [...this.#processes].find(([, { exitCode }]) => exitCode !== null);
    if (dead) throw new Error(`${dead[0]} ended:\n${this.#output}`);
    const response = await fetch(`${this.url}/health`);
    const { status } = (await response.json()) as { status: string };
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.keys()].map((name) => this.end(name, 'SIGKILL')));
    await rm(this.data, { recursive: true, force: true });
  }
}
