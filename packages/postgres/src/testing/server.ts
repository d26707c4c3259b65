import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from 'flotilla/kernel';
import { freePort } from 'flotilla/testing';
import { Client } from 'pg';
import { findBinaries } from './binaries.ts';
import { ordinaryUser, runProgram } from './ordinary-user.ts';
import { startUndertaker } from './undertaker.ts';

const START_MS = 30_000;
const LOOK_MS = 25;
const USER = 'flotilla';
const PASSWORD = 'for tests only';

/** `smart` waits for clients, `fast` disconnects them, `immediate` leaves recovery to the next start. */
export type StopMode = 'smart' | 'fast' | 'immediate';
const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface StartPostgresOptions {
  /** Settings as in `postgresql.conf`. Commits survive a crash of the machine (`fsync` is on) unless said otherwise here. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A PostgreSQL server of its own on a free port. Disposing ends it and removes its data. */
export interface PostgresServer extends AsyncDisposable {
  /** Of its superuser, to the database `postgres`. */
  readonly url: string;
  /** The process id of the server; undefined while it is stopped. */
  readonly pid: number | undefined;
  stop(mode?: StopMode): Promise<void>;
  /** SIGKILL, as the machine running out of memory would do it. */
  kill(): Promise<void>;
  /** Freezes it with all its sessions, as a machine that stands still does: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port and data, after it was stopped or killed; resolves when it takes connections. */
  restart(): Promise<void>;
}

/** Starts a private server in a temporary folder, as an ordinary user even for root. Takes about a second. */
export async function startPostgres({ settings = {} }: StartPostgresOptions = {}): Promise<PostgresServer> {
  const binaries = findBinaries();
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: there is no initdb and postgres.');
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-postgres-'));
  await using starting = new AsyncDisposableStack();
  const undertaker = starting.use(startUndertaker(folder, 'data/postmaster.pid'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  if (ordinaryUser.uid !== undefined) await chown(folder, ordinaryUser.uid, ordinaryUser.gid!);
  await createCluster(binaries, folder);
  const server = new PrivateServer({ binaries, folder, port: await freePort(), settings, undertaker });
  await server.restart();
  starting.move();
  return server;
}

async function createCluster(binaries: string, folder: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const args = ['-D', join(folder, 'data'), '-U', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8'];
  await runProgram(join(binaries, 'initdb'), [...args, '--locale', 'C', '--no-sync'], { cwd: folder });
}

interface ServerPlace {
  readonly binaries: string;
  readonly folder: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly undertaker: Disposable;
}

class PrivateServer implements PostgresServer {
  readonly url: string;
  readonly #place: ServerPlace;
  #process: ChildProcess | undefined;

  constructor(place: ServerPlace) {
    this.#place = place;
    this.url = `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${place.port}/postgres`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async restart(): Promise<void> {
    const giveUpAt = systemClock.monotonic() + START_MS;
    while (!(await this.#answers())) {
      // What is left of a killed server may hold its memory or its port a moment longer; then the new one gives up.
      if (this.#process?.exitCode !== null) await this.#launch();
      if (systemClock.monotonic() > giveUpAt) throw new Error(`PostgreSQL did not start:\n${this.#printed()}`);
      await sleep(systemClock, LOOK_MS);
    }
  }

  stop(mode: StopMode = 'fast'): Promise<void> {
    return this.#end(SIGNALS[mode]);
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  pause(): void {
    this.#signalAll('SIGSTOP');
  }

  resume(): void {
    this.#signalAll('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    await this.stop('immediate');
    await rm(this.#place.folder, { recursive: true, force: true, maxRetries: 5 });
    this.#place.undertaker[Symbol.dispose]();
  }

  async #launch(): Promise<void> {
    const { binaries, folder, port, settings } = this.#place;
    const all = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, max_connections: 200, ...settings };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    await using printed = await open(join(folder, 'server.log'), 'a');
    this.#process = spawn(join(binaries, 'postgres'), ['-D', join(folder, 'data'), ...flags], {
      ...ordinaryUser,
      cwd: folder,
      stdio: ['ignore', printed.fd, printed.fd],
    });
    this.#process.unref();
  }

  async #answers(): Promise<boolean> {
    if (this.#process?.exitCode !== null) return false;
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: START_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.ref();
    ending.kill(signal);
    await once(ending, 'exit');
  }

  /** The server first, so that it starts no more sessions; each of these is a process of its own. */
  #signalAll(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) return;
    for (const one of [pid, ...childrenOf(pid)]) send(one, signal);
  }

  #printed(): string {
    return readFileSync(join(this.#place.folder, 'server.log'), 'utf8');
  }
}

function childrenOf(parent: number): number[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    // `pid (name) state parent …`; a name may hold anything, so what counts comes after its last parenthesis.
    const [, ppid] = textOf(file).split(')').at(-1)!.trim().split(' ');
    return Number(ppid) === parent ? [Number(file.split('/')[2])] : [];
  });
}

/** Of a process that may end meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
