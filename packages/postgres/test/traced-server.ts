import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from 'flotilla/kernel';
import { type Deed, freePort, readDeeds, STRACE_OPTIONS } from 'flotilla/testing';
import { Client } from 'pg';
import { findBinaries, ordinaryUser, runProgram } from '../src/testing/index.ts';

const USER = 'flotilla';
const START_MS = 60_000;
const LOOK_MS = 50;
/** Nothing is written but the log, so that the log alone must bring everything back. */
const QUIET = {
  autovacuum: 'off',
  bgwriter_lru_maxpages: 0,
  checkpoint_timeout: '1h',
  listen_addresses: '127.0.0.1',
  max_connections: 50,
};

export type Settings = Readonly<Record<string, string | number>>;

/** The data of a PostgreSQL server, and servers that run on it, one at a time. */
export interface ServerData extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  /** Starts a server; disposing kills it. */
  start(settings?: Settings): Promise<AsyncDisposable>;
  /** Starts a server, does something with it, kills it, and tells everything it did to its files and said. */
  record(settings: Settings, work: () => Promise<void>): Promise<Deed[]>;
  /** A copy of what is there, with these files in place of theirs. */
  copy(files?: ReadonlyMap<string, Buffer>): Promise<ServerData>;
  /** Ends the server in good order, so that all it knows is in its files. */
  settle(work: () => Promise<void>): Promise<void>;
}

export async function createServerData(): Promise<ServerData> {
  const place = await ownFolder();
  const folder = join(place, 'data');
  const args = ['-D', folder, '-U', USER, '--auth', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync'];
  await runProgram(join(findBinaries()!, 'initdb'), args, { cwd: place });
  return serverData(place, await freePort());
}

async function writeOwn(path: string, content: Buffer): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  if (ordinaryUser.uid !== undefined) await chown(path, ordinaryUser.uid, ordinaryUser.gid!);
}

async function ownFolder(): Promise<string> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'flotilla-power-')));
  if (ordinaryUser.uid !== undefined) await chown(place, ordinaryUser.uid, ordinaryUser.gid!);
  return place;
}

function serverData(place: string, port: number): ServerData {
  const folder = join(place, 'data');
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;

  const launch = async (settings: Settings, tracer: readonly string[] = []): Promise<ChildProcess> => {
    const all = { ...QUIET, port, unix_socket_directories: place, ...settings };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, ...args] = [...tracer, join(findBinaries()!, 'postgres'), '-D', folder, ...flags];
    const child = spawn(program!, args, { ...ordinaryUser, cwd: place, stdio: 'ignore' });
    const giveUpAt = systemClock.monotonic() + START_MS;
    while (!(await answers(url))) {
      if (systemClock.monotonic() < giveUpAt && child.exitCode === null) await sleep(systemClock, LOOK_MS);
      else throw new Error(`PostgreSQL did not start on ${folder}.`, { cause: child.kill('SIGKILL') });
    }
    return child;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const [pid] = (await readFile(join(folder, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };

  return {
    folder,
    url,
    async start(settings = {}) {
      const child = await launch(settings);
      return { [Symbol.asyncDispose]: () => end(child, 'SIGQUIT') };
    },
    async settle(work) {
      const child = await launch({});
      await work();
      await end(child, 'SIGINT');
    },
    async record(settings, work) {
      const file = join(place, 'record');
      const child = await launch(settings, ['strace', ...STRACE_OPTIONS, '-o', file]);
      await work();
      await end(child, 'SIGQUIT');
      return readDeeds(await readFile(file, 'latin1'), folder);
    },
    async copy(files = new Map()) {
      const other = await ownFolder();
      await runProgram('cp', ['-a', folder, other]);
      for (const [path, content] of files) await writeOwn(join(other, 'data', path), content);
      return serverData(other, await freePort());
    },
    [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
