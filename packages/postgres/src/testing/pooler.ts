import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { sleep, systemClock, systemRuntime } from 'flotilla/kernel';
import { freePort } from 'flotilla/testing';
import { Client } from 'pg';
import { ordinaryUser } from './ordinary-user.ts';
import { startUndertaker } from './undertaker.ts';

const START_MS = 30_000;
const LOOK_MS = 25;
/** What the store asks of each session when it connects, and a pooler has to be told to pass over. */
const PASSED_OVER = ['options', 'statement_timeout', 'idle_in_transaction_session_timeout', 'extra_float_digits'];

/** Where packages put it; `/usr/sbin` is on the `PATH` of few users. */
function findPooler(): string | undefined {
  const folders = [...(systemRuntime.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why there is no pooler here and how to get one, for the `skip` of a `describe`; false when there is one. */
export const noPooler: string | false =
  findPooler() === undefined ? 'needs PgBouncer: install it (apt-get install pgbouncer)' : false;

export interface StartPoolerOptions {
  /** Settings as in `pgbouncer.ini`, beside those that are needed for it to start. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A pooler of its own on a free port, before any database of one server. Disposing ends it. */
export interface Pooler extends AsyncDisposable {
  /** The address of a database of the server, by way of the pooler. */
  through(url: string): string;
}

/**
 * Starts PgBouncer in transaction mode before the server that the address names, as an ordinary user even for root. Whoever
 * connects has another connection to the server for each transaction, out of a few that all share.
 */
export async function startPooler(url: string, { settings = {} }: StartPoolerOptions = {}): Promise<Pooler> {
  const program = findPooler();
  if (program === undefined) throw new Error('PgBouncer is not installed.');
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-pooler-'));
  await using scope = new AsyncDisposableStack();
  scope.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  await configure(folder, { url, port, settings });
  const undertaker = scope.use(startUndertaker(folder, 'pooler.pid'));
  const running = spawn(program, ['-q', join(folder, 'pooler.ini')], { ...ordinaryUser, cwd: folder, stdio: 'ignore' });
  scope.defer(() => end(running));
  const through = (address: string): string => Object.assign(new URL(address), { host: `127.0.0.1:${port}` }).href;
  await untilAnswers(through(url), folder);
  running.unref();
  const owned = scope.move();
  return {
    through,
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
      undertaker[Symbol.dispose]();
    },
  };
}

interface Place extends Required<StartPoolerOptions> {
  readonly url: string;
  readonly port: number;
}

async function configure(folder: string, { url, port, settings }: Place): Promise<void> {
  const { hostname, port: serverPort, username, password } = new URL(url);
  const quoted = [username, password].map((text) => `"${decodeURIComponent(text).replaceAll('"', '""')}"`);
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pool_mode: 'transaction',
    // Fewer than a store opens by itself, so that clients really share.
    default_pool_size: 6,
    max_client_conn: 500,
    auth_type: 'trust',
    auth_file: join(folder, 'users'),
    pidfile: join(folder, 'pooler.pid'),
    logfile: join(folder, 'pooler.log'),
    // How long it repeats a refusal of the server, a database that is missing among them, without asking again.
    server_login_retry: 0.1,
    ignore_startup_parameters: PASSED_OVER.join(', '),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const target = `* = host=${hostname} port=${serverPort || 5432}`;
  await writeFile(join(folder, 'users'), `${quoted.join(' ')}\n`, { mode: 0o644 });
  await writeFile(join(folder, 'pooler.ini'), ['[databases]', target, '[pgbouncer]', ...lines, ''].join('\n'), { mode: 0o644 });
  if (ordinaryUser.uid !== undefined) await chown(folder, ordinaryUser.uid, ordinaryUser.gid!);
}

async function untilAnswers(url: string, folder: string): Promise<void> {
  const giveUpAt = systemClock.monotonic() + START_MS;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.end();
    } catch (cause) {
      const printed = await readFile(join(folder, 'pooler.log'), 'utf8').catch(() => '');
      if (systemClock.monotonic() > giveUpAt) throw new Error(`PgBouncer did not start:\n${printed}`, { cause });
    }
    await sleep(systemClock, LOOK_MS);
  }
}

async function end(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  running.ref();
  running.kill('SIGKILL');
  await once(running, 'exit');
}
