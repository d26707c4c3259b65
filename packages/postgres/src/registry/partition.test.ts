import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRegistration, createResolver, type Instance, type Registry, type Resolver } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { silentLogger as log } from 'flotilla/telemetry';
import { until, withMethods } from 'flotilla/testing';
import { startProxy, usePostgres } from '../testing/index.ts';
import { postgresRegistry } from './postgres-registry.ts';

const postgres = usePostgres();
const INSTANCES = 12;
/** Long enough for an ordinary heartbeat to be late on a busy machine, short enough to see leases end. */
const TTL_MS = 5_000;
/** Leases end, somebody sweeps, and who was refused for long asks again after half a minute at the latest. */
const PATIENCE_MS = 120_000;

const facts = (index: number) => {
  const url = `http://127.0.0.1:${7_000 + index}`;
  return { id: `catalog-${index}`, service: 'catalog', url, version: '1.0.0', weight: 1, metadata: {} };
};

/** A resolver, and the fewest instances that it ever told of after it had told of all. */
function following(registry: Registry): { readonly resolver: Resolver; readonly fewest: () => number } & Disposable {
  const resolver = createResolver({ registry, runtime, log });
  let fewest = Infinity;
  resolver.onChange(() => {
    const count = resolver.instances('catalog').length;
    if (count === INSTANCES || fewest <= INSTANCES) fewest = Math.min(fewest, count);
  });
  return { resolver, fewest: () => fewest, [Symbol.dispose]: () => resolver[Symbol.dispose]() };
}

const sorted = (resolver: Resolver): Instance[] => resolver.all().toSorted((left, right) => (left.id < right.id ? -1 : 1));

suite('a network that parts instances from their registry', { skip: postgres.skip }, () => {
  test('nobody is evicted on either side, and all is as it was once it heals', async () => {
    await using database = await postgres.freshDatabase();
    await using proxy = await startProxy(database.url);
    await using outer = postgresRegistry({ url: database.url, runtime });
    await using inner = postgresRegistry({ url: proxy.url, runtime, heartbeatMs: 500 });
    using outside = following(outer);
    using inside = following(inner);
    await using registrations = new AsyncDisposableStack();
    for (let index = 0; index < INSTANCES; index += 1) {
      const registry = shortLeases(inner);
      registrations.use(createRegistration({ registry, instance: facts(index), runtime, log })).start();
    }
    for (const { resolver } of [outside, inside]) await until(() => resolver.instances('catalog').length === INSTANCES);

    proxy.freeze();
    // Here the registry does not answer: the last list is served, and said to be that.
    await until(() => inside.resolver.health().status === 'DEGRADED', PATIENCE_MS);
    // There it answers, and all leases are over: too many at once to be believed.
    await until(() => outside.resolver.all().every(({ stale }) => stale), PATIENCE_MS);

    proxy.thaw();
    await until(() => outside.resolver.all().every(({ stale }) => !stale), PATIENCE_MS);
    await until(() => inside.resolver.health().status === 'UP', PATIENCE_MS);
    await until(() => sameList(inside.resolver, outside.resolver), PATIENCE_MS);
    assert.equal(outside.fewest(), INSTANCES);
    assert.equal(inside.fewest(), INSTANCES);
  });
});

/** Leases that end within the patience of a test. */
function shortLeases(registry: Registry): Registry {
  return withMethods(registry, { register: (registration) => registry.register({ ...registration, ttlMs: TTL_MS }) });
}

function sameList(one: Resolver, other: Resolver): boolean {
  const [left, right] = [one, other].map((resolver) =>
    JSON.stringify(sorted(resolver).map(({ id, status, stale }) => [id, status, stale])),
  );
  return left === right;
}
