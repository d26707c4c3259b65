import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, listedInstance, withMethods } from '../../testing/index.ts';
import { createResolver, type InstanceSource, type Registration, type Registry, sqliteRegistry } from '../index.ts';

function facts(id: string, more: Partial<Registration> = {}): Registration {
  const url = 'http://127.0.0.1:7001';
  return { id, service: 'catalog', url, version: '1.0.0', weight: 1, metadata: {}, epoch: 1, status: 'passing', ...more };
}

/** A registry in a folder that a test may ill-treat, and a resolver that follows it. */
async function setting(wrap: (registry: Registry) => Registry = (registry) => registry) {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-resolver-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const runtime = createFakeRuntime();
  const registry = stack.use(sqliteRegistry({ folder, runtime }));
  const resolver = stack.use(createResolver({ registry: wrap(registry), runtime, log: silentLogger }));
  const opened = stack.move();
  const ids = (): string[] => resolver.instances('catalog').map(({ id }) => id);
  const seen = (): Promise<void> => runtime.clock.advance(1_000);
  return { folder, runtime, registry, resolver, ids, seen, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const deleteRegistry = (folder: string): Promise<unknown> =>
  Promise.all(['', '-wal', '-shm'].map((part) => rm(join(folder, `registry.db${part}`), { force: true })));

test('it knows who can be called, and hears of changes', async () => {
  await using at = await setting();
  assert.deepEqual(at.ids(), []);
  await at.registry.register(facts('a'));
  await at.registry.register(facts('b', { status: 'warning' }));
  await at.registry.register(facts('c', { status: 'starting' }));
  await at.registry.register(facts('d', { status: 'draining' }));
  await at.registry.register(facts('e', { status: 'critical' }));
  await at.seen();
  assert.deepEqual(at.ids(), ['a', 'b']);
  assert.equal(at.resolver.all().length, 5);
  await at.registry.deregister({ id: 'a', epoch: 1 });
  await at.registry.setStatus({ id: 'e', epoch: 1 }, 'passing');
  assert.deepEqual(at.ids(), ['b', 'e']);
});

test('a list is the same object until it changes', async () => {
  await using at = await setting();
  await at.registry.register(facts('a'));
  await at.seen();
  const list = at.resolver.instances('catalog');
  await at.registry.register(facts('o', { service: 'orders' }));
  await at.seen();
  assert.equal(at.resolver.instances('catalog'), list);
});

test('when less than half pass, the critical ones are called too, but none that start or drain', async () => {
  await using at = await setting();
  await at.registry.register(facts('well'));
  for (const id of ['ill', 'worse']) await at.registry.register(facts(id, { status: 'critical' }));
  await at.registry.register(facts('new', { status: 'starting' }));
  await at.registry.register(facts('leaving', { status: 'draining' }));
  await at.seen();
  assert.deepEqual(at.ids().toSorted(), ['ill', 'well', 'worse']);
});

test('whoever waits for a service gets it when it comes, or leaves', async () => {
  await using at = await setting();
  const leaving = new AbortController();
  const left = assert.rejects(at.resolver.found('catalog', leaving.signal), { code: 'CANCELLED' });
  leaving.abort();
  await left;
  const found = at.resolver.found('catalog', new AbortController().signal);
  await at.registry.register(facts('a'));
  await at.seen();
  assert.equal((await found)[0]!.id, 'a');
});

test('while the registry is away the last list is served, and synchronised once it is back', async () => {
  await using at = await setting();
  await at.registry.register(facts('a'));
  await at.seen();
  assert.equal(at.resolver.health().status, 'UP');
  await deleteRegistry(at.folder);
  await rm(at.folder, { recursive: true });
  await writeFile(at.folder, 'in the way');
  await at.runtime.clock.advance(10 * 60_000);
  assert.deepEqual(at.ids(), ['a']);
  assert.equal(at.resolver.health().status, 'DEGRADED');
  await rm(at.folder);
  await at.registry.register(facts('b'));
  await at.runtime.clock.advance(31_000);
  assert.deepEqual(at.ids().toSorted(), ['a', 'b']);
  await at.runtime.clock.advance(61_000);
  assert.equal(at.resolver.health().status, 'UP');
});

test('a registry that was wiped empties no list: those who live come back, the others are let go after a minute', async () => {
  await using at = await setting();
  for (const id of ['a', 'b']) await at.registry.register(facts(id, { ttlMs: 'none' }));
  await at.seen();
  await deleteRegistry(at.folder);
  await at.seen();
  assert.deepEqual(at.ids().toSorted(), ['a', 'b']);
  await at.registry.register(facts('b', { ttlMs: 'none' }));
  await at.runtime.clock.advance(30_000);
  assert.deepEqual(at.ids().toSorted(), ['a', 'b']);
  await at.runtime.clock.advance(40_000);
  assert.deepEqual(at.ids(), ['b']);
});

test('a damaged registry is moved aside, and the last list is served meanwhile', async () => {
  await using at = await setting();
  await at.registry.register(facts('a'));
  await at.seen();
  await deleteRegistry(at.folder);
  await writeFile(
    join(at.folder, 'registry.db'),
    'this is no database, and long enough to look like a header of one. '.repeat(20),
  );
  await at.runtime.clock.advance(5_000);
  assert.deepEqual(at.ids(), ['a']);
  assert.equal((await at.registry.check()).status, 'UP');
});

test('a registry that does not answer holds nobody up', async () => {
  await using at = await setting((registry) => withMethods(registry, { list: () => new Promise(() => undefined) }));
  await at.registry.register(facts('a', { ttlMs: 'none' }));
  await at.seen();
  await at.runtime.clock.advance(40_000);
  assert.deepEqual(at.ids(), ['a']);
  assert.equal(at.resolver.health().status, 'DEGRADED');
});

test('a watch that fell silent is noticed, and opened anew', async () => {
  let silent = true;
  await using at = await setting((registry) => {
    const watch: Registry['watch'] = (service, listener) => registry.watch(service, (event) => silent || listener(event));
    return withMethods(registry, { watch });
  });
  await at.registry.register(facts('a', { ttlMs: 'none' }));
  await at.seen();
  assert.deepEqual(at.ids(), []);
  await at.runtime.clock.advance(40_000);
  assert.deepEqual(at.ids(), ['a']);
  silent = false;
  await at.registry.register(facts('b', { ttlMs: 'none' }));
  await at.runtime.clock.advance(40_000);
  await at.registry.register(facts('c', { ttlMs: 'none' }));
  assert.deepEqual(at.ids(), ['a', 'b', 'c']);
});

test('what can be no instance is left out, whatever the registry says', async () => {
  await using at = await setting();
  await at.registry.register(facts('a'));
  await at.seen();
  using db = new DatabaseSync(join(at.folder, 'registry.db'));
  db.exec(`
    INSERT INTO instances (id, service, epoch, facts, status, registered_at, revision)
      SELECT 'lie', service, epoch, json_set(facts, '$.url', 'nonsense'), status, registered_at, 90 FROM instances;
    UPDATE registry SET revision = 90`);
  await at.registry.register(facts('b'));
  await at.seen();
  assert.deepEqual(at.ids(), ['a', 'b']);
});

test('sources are asked beside the registry, and of one id the newer incarnation counts', async () => {
  const runtime = createFakeRuntime();
  let publish: Parameters<InstanceSource['watch']>[0] = () => undefined;
  const source: InstanceSource = {
    description: 'a list of mine',
    watch: (listener) => ((publish = listener), { [Symbol.dispose]: () => undefined }),
  };
  const older: InstanceSource = {
    description: 'an old list',
    watch: (listener) => (listener([listedInstance('a', { version: 'old' })]), { [Symbol.dispose]: () => undefined }),
  };
  using resolver = createResolver({ sources: [source, older], runtime, log: silentLogger });
  assert.equal(resolver.health().status, 'DEGRADED');
  publish([listedInstance('a', { epoch: 2, version: 'new' }), listedInstance('b')]);
  assert.deepEqual(
    resolver.instances('catalog').map(({ version }) => version),
    ['new', '1.0.0'],
  );
  assert.equal(resolver.health().status, 'UP');
});
