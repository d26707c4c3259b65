import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, until, withMethods } from '../testing/index.ts';
import { HeartbeatThread } from './driver/index.ts';
import { createRegistration, type LeaseState, type Registry, sqliteRegistry } from './index.ts';

const facts = { id: 'a', service: 'catalog', url: 'http://127.0.0.1:7001', version: '1.0.0', weight: 1, metadata: {} };

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-registration-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** A registry on a clock of its own, whose heartbeats a test gives. */
async function setting(faults: (real: Registry) => Partial<Registry> = () => ({})) {
  await using stack = new AsyncDisposableStack();
  const { folder } = stack.use(await temporaryFolder());
  const runtime = createFakeRuntime();
  const real = stack.use(sqliteRegistry({ folder, runtime }));
  let beat = (_state: LeaseState): void => undefined;
  const keepAlive: Registry['keepAlive'] = (_lease, listener) => {
    beat = listener;
    return { [Symbol.dispose]: () => (beat = () => undefined) };
  };
  const registry = withMethods(real, { keepAlive, ...faults(real) });
  const registration = createRegistration({ registry, instance: facts, runtime, log: silentLogger });
  const listed = async (): Promise<string[]> => (await real.list()).instances.map(({ id, status }) => `${id} ${status}`);
  const opened = stack.move();
  const beats = (state: LeaseState): void => beat(state);
  return { runtime, real, registration, listed, beats, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const never = new AbortController().signal;

test('an instance is listed from its start to its end, draining before', async () => {
  await using at = await setting();
  await at.registration.listed(never);
  assert.deepEqual(await at.listed(), ['a passing']);
  assert.equal(at.registration.health().status, 'UP');
  await at.registration.draining();
  assert.deepEqual(await at.listed(), ['a draining']);
  await at.registration[Symbol.asyncDispose]();
  assert.deepEqual(await at.listed(), []);
  await at.runtime.clock.advance(4_000);
});

test('a registry that is away is told again for ever, 1 to 30 s apart', async () => {
  let away = true;
  const tries: number[] = [];
  await using at = await setting((real) => ({
    register: (said) => {
      tries.push(at.runtime.clock.monotonic());
      return away ? Promise.reject(new Error('the registry is away')) : real.register(said);
    },
  }));
  at.registration.start();
  await at.runtime.clock.advance(3_600_000);
  const pauses = tries.slice(1).map((at, index) => at - tries[index]!);
  assert.ok(pauses.every((pause) => pause >= 1_000 && pause <= 30_000));
  assert.ok(new Set(pauses).size > pauses.length / 2);
  assert.ok(tries.length > 100);
  assert.equal(at.registration.health().status, 'DEGRADED');
  away = false;
  await at.runtime.clock.advance(30_000);
  assert.deepEqual(await at.listed(), ['a passing']);
  await at.registration[Symbol.asyncDispose]();
});

test('an instance that the registry forgot is listed again within a second', async () => {
  await using at = await setting();
  await at.registration.listed(never);
  for (let time = 0; time < 3; time++) {
    await at.real.deregister(at.registration.lease);
    at.beats('lost');
    await at.runtime.clock.advance(1_001);
    assert.deepEqual(await at.listed(), ['a passing']);
  }
  await at.registration[Symbol.asyncDispose]();
});

test('a status is told at once, even in the middle of a backoff, and the last one counts', async () => {
  let away = true;
  await using at = await setting((real) => ({
    register: (said) => (away ? Promise.reject(new Error('the registry is away')) : real.register(said)),
  }));
  at.registration.start();
  await at.runtime.clock.advance(100);
  away = false;
  at.registration.setStatus('warning');
  at.registration.setStatus('critical');
  await at.registration.listed(never);
  assert.deepEqual(await at.listed(), ['a critical']);
  await at.registration[Symbol.asyncDispose]();
});

test('stopping does not wait for a registry that hangs, and nothing is registered after it', async () => {
  await using at = await setting((real) => ({
    register: async (said) => {
      await new Promise((resolve) => at.runtime.clock.timer(10_000, () => resolve(undefined)));
      return await real.register(said);
    },
  }));
  at.registration.start();
  const stopping = at.registration[Symbol.asyncDispose]();
  await at.runtime.clock.advance(2_000);
  await stopping;
  await at.runtime.clock.advance(20_000);
  assert.deepEqual(await at.listed(), []);
});

async function child(folder: string) {
  const script = join(import.meta.dirname, 'registration.child.ts');
  const process_ = spawn(process.execPath, [script, folder, 'a'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(process_, 'exit');
  await once(createInterface(process_.stdout), 'line');
  return {
    blockFor: (ms: number) => void process_.stdin.write(String(ms)),
    stop: () => void process_.stdin.end(),
    exited,
    [Symbol.asyncDispose]: async () => {
      process_.kill('SIGKILL');
      await exited;
    },
  };
}

test('an instance whose main loop is blocked beyond its lease is shed, not dropped; it returns and leaves by itself', async () => {
  await using temporary = await temporaryFolder();
  await using registry = sqliteRegistry({ folder: temporary.folder, runtime: systemRuntime });
  await using instance = await child(temporary.folder);
  const heard: string[] = [];
  using _watch = registry.watch('catalog', (event) => {
    if (event.kind === 'snapshot') heard.push(...event.instances.map(({ status }) => status));
    if (event.kind !== 'changes') return;
    heard.push(...event.changes.map((change) => (change.kind === 'put' ? change.instance.status : change.reason)));
  });
  await until(() => heard.length === 1);
  instance.blockFor(5_000);
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ['passing', 'critical']);
  await until(() => heard.length === 3);
  instance.stop();
  await instance.exited;
  await until(() => heard.length === 4);
  assert.deepEqual(heard, ['passing', 'critical', 'passing', 'left']);
});

test('heartbeats find a registry that was deleted, and the instance is listed again', async () => {
  await using temporary = await temporaryFolder();
  await using instance = await child(temporary.folder);
  for (const part of ['', '-wal', '-shm']) await rm(join(temporary.folder, `registry.db${part}`), { force: true });
  await using registry = sqliteRegistry({ folder: temporary.folder, runtime: systemRuntime });
  await until(async () => (await registry.list()).instances.length === 1);
  instance.stop();
  await instance.exited;
  assert.deepEqual((await registry.list()).instances, []);
});

test('a heartbeat thread that dies is started again', async () => {
  await using temporary = await temporaryFolder();
  const module = join(temporary.folder, 'dying.mjs');
  await writeFile(
    module,
    `import { existsSync, writeFileSync } from 'node:fs';
     export function openRenewer(mark) {
       if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('dead at once'); }
       return { renew: async () => true, [Symbol.dispose]() {} };
     }`,
  );
  const options = join(temporary.folder, 'mark');
  await using thread = new HeartbeatThread({ module, options, heartbeatMs: 100, runtime: systemRuntime, log: silentLogger });
  const states: LeaseState[] = [];
  thread.keep({ id: 'a', epoch: 1 }, (state) => states.push(state));
  await until(() => states.includes('kept'));
});
