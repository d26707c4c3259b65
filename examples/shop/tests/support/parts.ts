import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from 'flotilla/testing';
import type { OpenShop } from './open-shop.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const CLI = join(ROOT, 'packages/cli/bin/flotilla.js');
const SERVICES = ['users', 'catalog', 'inventory', 'orders', 'payments', 'shipping', 'notifications'];

/** The same shop with a process for each service and one for the gateway, which find each other through their registry. */
export class Parts implements OpenShop {
  readonly data: string;
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #processes = new Map<string, ChildProcess>();
  #output = '';

  private constructor(data: string, port: number, env: Readonly<Record<string, string>>) {
    this.data = data;
    this.#env = env;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts every part at once: the order in which they come up does not matter. `env` says what they stand on. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Parts> {
    await using opening = new AsyncDisposableStack();
    const parts = opening.use(new Parts(await mkdtemp(join(tmpdir(), 'shop-')), await freePort(), env));
    for (const name of [...SERVICES, 'gateway']) parts.start(name);
    await until('every part is up', async () => (await parts.#health()) === 'UP');
    opening.move();
    return parts;
  }

  start(name: string): void {
    const place = name === 'gateway' ? ['--port', new URL(this.url).port] : [];
    const args = [CLI, 'start', name, '--system', 'examples/shop/system.ts', '--data', this.data, ...place];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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
