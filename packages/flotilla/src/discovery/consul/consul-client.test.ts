import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import Consul from 'consul';
import { until } from '../../testing/index.ts';
import { openConsulPlace } from '../test/consul-place.ts';

/** What the client's own types leave open. */
interface HealthEntry {
  Node: { Node: string };
  Service: { ID: string; Address: string; Port: number; Tags: string[]; Meta: Record<string, string> };
  Checks: { CheckID: string; Status: string; Output: string }[];
}

const billing = (id: string, more: object = {}) => ({
  name: 'billing',
  id,
  address: '10.0.0.7',
  port: 80,
  tags: ['v7', 'eu'],
  meta: { owner: 'finance' },
  check: { ttl: '10s', status: 'passing' },
  ...more,
});

test('the consul client registers, finds, watches and deregisters a service', async () => {
  await using place = await openConsulPlace();
  const consul = new Consul({ host: '127.0.0.1', port: place.port });
  const passing = async () => (await consul.health.service({ service: 'billing', passing: true })) as HealthEntry[];

  const seen: string[][] = [];
  const watch = consul.watch({
    method: consul.health.service,
    options: { service: 'billing', passing: true, wait: '5s' } as never,
  });
  watch.on('change', (entries: HealthEntry[]) => seen.push(entries.map(({ Service }) => Service.ID)));
  watch.on('error', (error) => seen.push([String(error)]));
  await until(() => seen.length === 1);

  await consul.agent.service.register(billing('billing-1') as never);
  const [found] = await passing();
  const { ID, Address, Port, Tags, Meta } = found!.Service;
  assert.deepEqual({ ID, Address, Port, Tags }, { ID: 'billing-1', Address: '10.0.0.7', Port: 80, Tags: ['v7', 'eu'] });
  assert.equal(Meta.owner, 'finance');
  await until(() => seen.at(-1)!.length === 1);

  await consul.agent.check.fail({ id: 'service:billing-1', note: 'the ledger is locked' });
  assert.deepEqual(await passing(), []);
  await until(() => seen.at(-1)!.length === 0);
  const [ill] = (await consul.health.service('billing')) as HealthEntry[];
  assert.deepEqual(
    ill!.Checks.map(({ CheckID, Status, Output }) => ({ CheckID, Status, Output })),
    [{ CheckID: 'service:billing-1', Status: 'critical', Output: 'the ledger is locked' }],
  );
  await consul.agent.check.warn('service:billing-1');
  assert.equal(((await consul.health.service('billing')) as HealthEntry[])[0]!.Checks[0]!.Status, 'warning');
  await consul.agent.check.pass('service:billing-1');
  await until(() => seen.at(-1)!.length === 1);

  await consul.agent.service.deregister('billing-1');
  assert.deepEqual(await passing(), []);
  await until(() => seen.at(-1)!.length === 0);
  watch.end();
  // An index may rise for a change that the filter hides.
  const turns = seen.map((ids) => ids.join()).filter((ids, index, all) => ids !== all[index - 1]);
  assert.deepEqual(turns, ['', 'billing-1', '', 'billing-1', '']);
});

test('Flotilla and Consul see each other: what one registers the other finds', async () => {
  await using place = await openConsulPlace();
  const consul = new Consul({ host: '127.0.0.1', port: place.port });
  const facts = { id: 'c-1', service: 'catalog', url: 'http://127.0.0.1:7001', version: '1.2.0', weight: 2, metadata: {} };
  await place.registry.register({ ...facts, epoch: 1, status: 'passing', zone: 'a' });
  await place.registry.register({ ...facts, id: 'c-2', epoch: 1, status: 'draining' });
  const found = (await consul.health.service({ service: 'catalog', passing: true })) as HealthEntry[];
  assert.deepEqual(
    found.map(({ Service }) => ({ id: Service.ID, port: Service.Port, meta: Service.Meta })),
    [{ id: 'c-1', port: 7001, meta: { version: '1.2.0', zone: 'a' } }],
  );
  await consul.agent.service.register(billing('b-1', { check: undefined }) as never);
  const { instances } = await place.registry.list('billing');
  assert.deepEqual(
    instances.map(({ url, status, expiresAt }) => ({ url, status, expiresAt })),
    [{ url: 'http://10.0.0.7:80', status: 'passing', expiresAt: undefined }],
  );
  assert.deepEqual(await consul.catalog.service.list(), { billing: ['v7', 'eu'], catalog: [] });
  const nodes = (await consul.catalog.service.nodes('billing')) as { ServiceID: string; ServicePort: number }[];
  assert.deepEqual(
    nodes.map(({ ServiceID, ServicePort }) => `${ServiceID} ${ServicePort}`),
    ['b-1 80'],
  );
  assert.deepEqual(Object.keys((await consul.agent.service.list()) as object).toSorted(), ['b-1', 'c-1', 'c-2']);
  const critical = (await consul.health.state('critical')) as { ServiceID: string }[];
  assert.deepEqual(
    critical.map(({ ServiceID }) => ServiceID),
    ['c-2'],
  );
  assert.match(String(await consul.status.leader()), /^127\.0\.0\.1:/);
  assert.equal(((await consul.agent.self()) as unknown as { Config: { Datacenter: string } }).Config.Datacenter, 'dc1');
});

test('HTTP checks are made, and a service that stays critical is deregistered when it asked for that', async () => {
  await using place = await openConsulPlace();
  const consul = new Consul({ host: '127.0.0.1', port: place.port });
  let status = 200;
  const server = createServer((_request, response) => void response.writeHead(status).end('so-so')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  using _server = { [Symbol.dispose]: () => void server.close() };
  const http = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  const check = { http, interval: '100ms', timeout: '1s', deregistercriticalserviceafter: '300ms' };
  await consul.agent.service.register(billing('b-1', { check }) as never);
  const statusNow = async () => (await place.registry.list('billing')).instances[0]?.status;
  assert.equal(await statusNow(), 'critical');
  await until(async () => (await statusNow()) === 'passing');
  status = 429;
  await until(async () => (await statusNow()) === 'warning');
  status = 500;
  await until(async () => (await statusNow()) === 'critical');
  await until(async () => (await statusNow()) === undefined);
});

test('keys and values are kept, compared, listed and watched', async () => {
  await using place = await openConsulPlace();
  const consul = new Consul({ host: '127.0.0.1', port: place.port });
  assert.equal(await consul.kv.get('motd'), undefined);
  assert.equal(await consul.kv.set({ key: 'motd', value: 'Grüße', flags: 42 }), true);
  const stored = (await consul.kv.get('motd')) as { Value: string; Flags: number; ModifyIndex: number };
  assert.deepEqual({ Value: stored.Value, Flags: stored.Flags }, { Value: 'Grüße', Flags: 42 });
  // The client gives `undefined` for the answer `false`.
  assert.ok(!(await consul.kv.set({ key: 'motd', value: 'no', cas: 0 })));
  assert.equal(await consul.kv.set({ key: 'motd', value: 'yes', cas: stored.ModifyIndex }), true);
  assert.ok(!(await consul.kv.set({ key: 'motd', value: 'late', cas: stored.ModifyIndex })));
  // This client sends `%2F` for the slash.
  assert.equal(await consul.kv.set('shop/limits/orders', '7'), true);
  assert.equal(((await consul.kv.get('shop/limits/orders')) as { Value: string }).Value, '7');
  await consul.kv.del('shop/limits/orders');
  await consul.kv.set('other', 'x');
  assert.deepEqual(await consul.kv.keys(''), ['motd', 'other']);
  assert.equal(((await consul.kv.get({ key: '', recurse: true })) as unknown[]).length, 2);

  const seen: unknown[] = [];
  const watch = consul.watch({ method: consul.kv.get, options: { key: 'motd', wait: '5s' } as never });
  watch.on('change', (entry?: { Value: string }) => seen.push(entry?.Value));
  await until(() => seen.length === 1);
  await consul.kv.set('other', 'nobody waits for this');
  await consul.kv.set('motd', 'news');
  await until(() => seen.length === 2);
  watch.end();
  assert.deepEqual(seen, ['yes', 'news']);
  assert.equal(await consul.kv.del('motd'), true);
  assert.equal(await consul.kv.get('motd'), undefined);
});

test('without the token nothing is told', async () => {
  await using place = await openConsulPlace({ token: 'open sesame' });
  const stranger = new Consul({ host: '127.0.0.1', port: place.port });
  await assert.rejects(stranger.catalog.service.list() as Promise<unknown>, /403|forbidden|Permission denied/i);
  const friend = new Consul({ host: '127.0.0.1', port: place.port, defaults: { token: 'open sesame' } });
  assert.deepEqual(await friend.catalog.service.list(), {});
});
