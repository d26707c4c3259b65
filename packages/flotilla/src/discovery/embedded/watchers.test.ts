import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeRuntime } from '../../testing/index.ts';
import { type Registration, type Registry, type RegistryEvent, sqliteRegistry } from '../index.ts';

function facts(id: string): Registration {
  const url = 'http://127.0.0.1:7001';
  return { id, service: 'catalog', url, version: '1.0.0', weight: 1, metadata: {}, epoch: 1, status: 'passing', ttlMs: 'none' };
}

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-watchers-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

function listen(registry: Registry): RegistryEvent[] {
  const heard: RegistryEvent[] = [];
  registry.watch(undefined, (event) => heard.push(event));
  return heard;
}

test('a watcher that was cut off for longer than changes are remembered gets the whole list', async () => {
  await using temporary = await temporaryFolder();
  const { folder } = temporary;
  const [here, far] = [createFakeRuntime(), createFakeRuntime()];
  await using registry = sqliteRegistry({ folder, runtime: here });
  await using cutOff = sqliteRegistry({ folder, runtime: far });
  for (const id of ['a', 'b']) await registry.register(facts(id));
  const heard = listen(cutOff);
  await far.clock.advance(300);
  await registry.deregister(facts('a'));
  await here.clock.advance(120_000);
  await registry.register(facts('c'));
  await far.clock.advance(300);
  const last = heard.at(-1)!;
  assert.equal(heard.length, 2);
  assert.deepEqual(last.kind === 'snapshot' && last.instances.map(({ id }) => id), ['b', 'c']);
});

test('a registry that goes away is said to be lost once, and comes back with the whole list', async () => {
  await using temporary = await temporaryFolder();
  const { folder } = temporary;
  const runtime = createFakeRuntime();
  await using registry = sqliteRegistry({ folder, runtime });
  const heard = listen(registry);
  await registry.register(facts('a'));
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file where the folder was');
  await runtime.clock.advance(300_000);
  assert.deepEqual(
    heard.map(({ kind }) => kind),
    ['snapshot', 'lost'],
  );
  assert.equal((await registry.check()).status, 'DOWN');
  await assert.rejects(registry.register(facts('a')), { code: 'REGISTRY_UNAVAILABLE', retryable: true });
  await rm(folder);
  await runtime.clock.advance(31_000);
  assert.deepEqual(
    heard.map(({ kind }) => kind),
    ['snapshot', 'lost', 'snapshot'],
  );
});

test('watchers of a registry that is away do not come back all at once', async () => {
  await using temporary = await temporaryFolder();
  const { folder } = temporary;
  const runtime = createFakeRuntime();
  await using stack = new AsyncDisposableStack();
  const back: number[] = [];
  await writeFile(join(folder, 'in-the-way'), '');
  for (let count = 0; count < 20; count++) {
    const registry = stack.use(sqliteRegistry({ folder: join(folder, 'in-the-way'), runtime }));
    registry.watch(undefined, ({ kind }) => kind === 'snapshot' && back.push(runtime.clock.monotonic()));
  }
  await runtime.clock.advance(120_000);
  assert.equal(back.length, 0);
  await rm(join(folder, 'in-the-way'));
  await runtime.clock.advance(31_000);
  assert.equal(back.length, 20);
  const [first, last] = [Math.min(...back), Math.max(...back)];
  assert.ok(last - first > 10_000, `all within ${last - first} ms`);
});
