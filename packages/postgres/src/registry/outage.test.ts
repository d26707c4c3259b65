import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createRegistration, type LeaseState, type Registry, type RegistryEvent } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { silentLogger as log } from 'flotilla/telemetry';
import { until } from 'flotilla/testing';
import pg from 'pg';
import { noPrivatePostgres, startPostgres, startProxy } from '../testing/index.ts';
import { postgresRegistry } from './postgres-registry.ts';

const BACK_MS = 60_000;
const instance = { id: 'a', service: 'catalog', url: 'http://127.0.0.1:7001', version: '1.0.0', weight: 1, metadata: {} };

async function world() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startPostgres());
  const { url } = server;
  const registry = stack.use(postgresRegistry({ url, runtime, heartbeatMs: 200 }));
  const elsewhere = stack.use(postgresRegistry({ url, runtime }));
  const heard: RegistryEvent[] = [];
  stack.use(elsewhere.watch('catalog', (event) => heard.push(event)));
  const opened = stack.move();
  return { server, registry, elsewhere, heard, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const isListed = async (registry: Registry): Promise<boolean> => (await registry.list()).instances.length === 1;

async function asSuperuser(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

suite('the registry in PostgreSQL, when things go wrong', { skip: noPrivatePostgres }, () => {
  test('a server that is killed and comes back loses nobody; watchers hear of it and then of everything', async () => {
    await using at = await world();
    await using registration = createRegistration({ registry: at.registry, instance, runtime, log });
    registration.start();
    await until(() => at.heard.some((event) => event.kind === 'changes'));
    const states: LeaseState[] = [];
    using _second = at.registry.keepAlive({ id: 'b', epoch: 1 }, (state) => states.push(state));

    await at.server.kill();
    await until(() => at.heard.at(-1)?.kind === 'lost');
    await until(() => states.includes('away'));
    await assert.rejects(at.elsewhere.list(), { code: 'REGISTRY_UNAVAILABLE', retryable: true });
    assert.equal((await at.elsewhere.check()).status, 'DOWN');

    const before = at.heard.length;
    await at.server.restart();
    // Whoever was refused for long asks again after half a minute at the latest. Changes may follow at once.
    await until(() => at.heard.slice(before).some(({ kind }) => kind === 'snapshot'), BACK_MS);
    await until(() => states.at(-1) === 'lost', BACK_MS);
    await until(() => isListed(at.elsewhere), BACK_MS);
  });

  test('a registry that was wiped is made again, and the living list themselves', async () => {
    await using at = await world();
    await using registration = createRegistration({ registry: at.registry, instance, runtime, log });
    await registration.listed(new AbortController().signal);
    const before = await at.elsewhere.list();
    await asSuperuser(at.server.url, 'DROP SCHEMA flotilla_system CASCADE');
    await until(() => isListed(at.elsewhere));
    assert.notEqual((await at.elsewhere.list()).incarnation, before.incarnation);
    await until(() => at.heard.some((event) => event.kind === 'snapshot' && event.incarnation !== before.incarnation));
  });

  test('a network that lets nothing through and closes nothing is noticed; the last list is told again when it works', async () => {
    await using at = await world();
    await at.registry.register({ ...instance, epoch: 1, status: 'passing', ttlMs: 'none' });
    await using proxy = await startProxy(at.server.url);
    await using cutOff = postgresRegistry({ url: proxy.url, runtime });
    const heard: RegistryEvent[] = [];
    using _watch = cutOff.watch('catalog', (event) => heard.push(event));
    await until(() => heard.length > 0);
    proxy.freeze();
    await until(() => heard.at(-1)?.kind === 'lost', BACK_MS);
    await at.registry.setStatus({ id: instance.id, epoch: 1 }, 'draining');
    proxy.thaw();
    await until(() => heard.at(-1)?.kind === 'snapshot', BACK_MS);
    const last = heard.at(-1)!;
    assert.deepEqual(last.kind === 'snapshot' && last.instances.map(({ status }) => status), ['draining']);
  });

  test('a watcher whose bell says nothing looks by itself', async () => {
    await using at = await world();
    await using proxy = await startProxy(at.server.url, { swallow: 'notifications' });
    await using deaf = postgresRegistry({ url: proxy.url, runtime });
    const heard: RegistryEvent[] = [];
    using _watch = deaf.watch('catalog', (event) => heard.push(event));
    await until(() => heard.length > 0);
    await at.registry.register({ ...instance, epoch: 1, status: 'passing' });
    await until(() => heard.some((event) => event.kind === 'changes'));
  });
});
