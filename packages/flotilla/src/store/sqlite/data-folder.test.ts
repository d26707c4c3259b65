import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import { asNobody, createFakeRuntime } from '../../testing/index.ts';
import { listRunning, openDataFolder } from './index.ts';

interface TemporaryFolder extends AsyncDisposable {
  readonly folder: string;
}

async function temporary(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-data-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

interface Holder extends AsyncDisposable {
  /** `open`, or the error as its first line. */
  readonly said: string;
  readonly process: ChildProcess;
  /** Ends it the given way and waits until it is gone. */
  end(how: 'SIGKILL' | 'gently'): Promise<void>;
}

/** Another process that opens the folder. */
async function otherProcess(folder: string, sharing: 'shared' | 'whole', system = 'shop'): Promise<Holder> {
  const script = join(import.meta.dirname, 'data-folder.child.ts');
  const child = spawn(process.execPath, [script, folder, system, sharing], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string];
  const end = async (how: 'SIGKILL' | 'gently'): Promise<void> => {
    if (how === 'gently') child.stdin.end();
    else child.kill(how);
    await exited;
  };
  return { said, process: child, end, [Symbol.asyncDispose]: () => end('SIGKILL') };
}

const runtime = createFakeRuntime();
const whole = { system: 'shop', shared: false, runtime };
const part = { system: 'shop', shared: true, runtime };

test('a folder that a whole system runs on is refused, naming the process, until that one ends', async () => {
  await using at = await temporary();
  await using holder = await otherProcess(at.folder, 'whole');
  assert.equal(holder.said, 'open');
  const pid = new RegExp(`process ${holder.process.pid} \\(orders\\)`);
  await assert.rejects(openDataFolder({ ...whole, folder: at.folder }), { code: 'DATA_LOCKED', message: pid });
  await assert.rejects(openDataFolder({ ...part, folder: at.folder }), { code: 'DATA_LOCKED', message: pid });
  await holder.end('gently');
  await using _mine = await openDataFolder({ ...whole, folder: at.folder });
  await using second = await otherProcess(at.folder, 'whole');
  assert.match(second.said, /^DATA_LOCKED /);
});

test('a process that was killed holds nothing', async () => {
  await using at = await temporary();
  await using holder = await otherProcess(at.folder, 'whole');
  assert.equal((await listRunning(at.folder)).length, 1);
  await holder.end('SIGKILL');
  assert.deepEqual(await listRunning(at.folder), []);
  await using _mine = await openDataFolder({ ...whole, folder: at.folder });
});

test('processes that run parts of a system share its folder, and keep a whole system out', async () => {
  await using at = await temporary();
  await using one = await otherProcess(at.folder, 'shared');
  await using two = await otherProcess(at.folder, 'shared');
  assert.deepEqual([one.said, two.said], ['open', 'open']);
  const pids = (await listRunning(at.folder)).map(({ pid }) => pid);
  assert.deepEqual(new Set(pids), new Set([one.process.pid, two.process.pid]));
  await assert.rejects(openDataFolder({ ...whole, folder: at.folder }), { code: 'DATA_LOCKED' });
  await one.end('SIGKILL');
  await assert.rejects(openDataFolder({ ...whole, folder: at.folder }), { code: 'DATA_LOCKED' });
  await two.end('gently');
  await using _mine = await openDataFolder({ ...whole, folder: at.folder });
});

test('processes that start together on a new folder agree on its owner and its key', async () => {
  await using at = await temporary();
  const starting = Array.from({ length: 4 }, () => otherProcess(at.folder, 'shared'));
  await using stack = new AsyncDisposableStack();
  const holders = (await Promise.all(starting)).map((holder) => stack.use(holder));
  assert.deepEqual(
    holders.map(({ said }) => said),
    ['open', 'open', 'open', 'open'],
  );
});

test('a folder of another system is refused', async () => {
  await using at = await temporary();
  await (await openDataFolder({ ...whole, folder: at.folder }))[Symbol.asyncDispose]();
  const other = openDataFolder({ ...whole, folder: at.folder, system: 'bank' });
  await assert.rejects(other, { code: 'DATA_FOREIGN', message: /the system 'shop', not of 'bank'/ });
});

test('a running process is found by what it announced, until it closes', async () => {
  await using at = await temporary();
  const data = await openDataFolder({ ...whole, folder: at.folder });
  const info = { services: ['orders', 'users'], internalUrl: 'http://127.0.0.1:1', gatewayUrl: 'http://127.0.0.1:2' };
  await data.announce(info);
  const expected = { ...info, system: 'shop', pid: process.pid, startedAt: runtime.clock.now() };
  assert.deepEqual(await listRunning(at.folder), [expected]);
  await writeFile(join(at.folder, 'run', '1.json'), '{"half":');
  assert.deepEqual(await listRunning(at.folder), [expected]);
  await data[Symbol.asyncDispose]();
  assert.deepEqual(await listRunning(at.folder), []);
  assert.deepEqual(await listRunning(join(at.folder, 'nowhere')), []);
});

test('the system key is made once and is for this user only', async () => {
  await using at = await temporary();
  const open = async (): Promise<string> => {
    await using data = await openDataFolder({ ...whole, folder: at.folder });
    return await data.systemKey();
  };
  const key = await open();
  assert.equal(Buffer.from(key, 'base64url').length, 32);
  assert.equal(await open(), key);
  const path = join(at.folder, 'system.key');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(await readFile(path, 'utf8'), key);
});

test('a system key that others can read is used with a warning', async () => {
  await using at = await temporary();
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) };
  await using data = await openDataFolder({ ...whole, folder: at.folder, log });
  const key = await data.systemKey();
  await chmod(join(at.folder, 'system.key'), 0o644);
  assert.equal(await data.systemKey(), key);
  assert.match(warnings.join(), /chmod 600/);
});

test('a path that is no folder says what to do', async () => {
  await using at = await temporary();
  const path = join(at.folder, 'file');
  await writeFile(path, '');
  await assert.rejects(openDataFolder({ ...whole, folder: path }), { code: 'DATA_UNAVAILABLE', message: /not a folder/ });
});

test('a folder that is read-only says what to do', async () => {
  await using at = await temporary();
  const folder = join(at.folder, 'closed');
  await mkdir(folder, { mode: 0o500 });
  await asNobody(() => assert.rejects(openDataFolder({ ...whole, folder }), { code: 'DATA_UNAVAILABLE', message: /read-only/ }));
});

test('a place that takes no folders is refused instead of tried for ever', { skip: !existsSync('/proc/self') }, async () => {
  const opening = openDataFolder({ folder: '/proc/flotilla/data', system: 'shop', shared: false, runtime: createFakeRuntime() });
  await assert.rejects(opening, { code: 'DATA_UNAVAILABLE' });
});
