import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, until } from '../../testing/index.ts';
import { dnsSource, fileSource, type Instance, type InstanceSource, staticSource } from '../index.ts';
import { type DnsRecord, startDnsServer } from '../test/dns-server.ts';

function follow(source: InstanceSource) {
  const lists: (readonly Instance[])[] = [];
  const watch = source.watch((instances) => lists.push(instances));
  return { lists, urls: () => lists.at(-1)?.map(({ url }) => url), [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-sources-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const LIST = `
instances:
  - { service: billing, url: 'http://10.0.0.7:8080/', weight: 3, zone: eu-1, metadata: { owner: finance } }
  - { service: mail, url: 'tcp://10.0.0.8:25', id: mail-1 }
`;

test('addresses that are written down are instances, several of one service too', () => {
  using followed = follow(staticSource({ catalog: ['http://a:1', 'http://b:1'], orders: 'http://c:1/' }));
  assert.deepEqual(followed.urls(), ['http://a:1', 'http://b:1', 'http://c:1']);
  assert.throws(() => staticSource({ catalog: ['http://a:1', 'nowhere'] }), { code: 'INVALID_PEERS' });
});

test('a file of instances is read, and read again when it changes, however it is changed', async () => {
  await using at = await temporaryFolder();
  const file = join(at.folder, 'instances.yaml');
  using followed = follow(fileSource({ file, runtime: systemRuntime, log: silentLogger }));
  assert.equal(followed.urls(), undefined);
  await writeFile(file, LIST);
  await until(() => followed.urls()?.length === 2);
  const { id, weight, zone, metadata } = followed.lists[0]![0]!;
  assert.deepEqual(
    { id, weight, zone, metadata: { ...metadata } },
    {
      id: 'billing@http://10.0.0.7:8080',
      weight: 3,
      zone: 'eu-1',
      metadata: { owner: 'finance' },
    },
  );
  await writeFile(`${file}.new`, '{ "instances": [{ "service": "billing", "url": "http://10.0.0.9:8080" }] }');
  await rename(`${file}.new`, file);
  await until(() => followed.urls()?.[0] === 'http://10.0.0.9:8080');
  await rm(file);
  for (const name of ['one', 'two']) await mkdir(join(at.folder, name));
  await writeFile(join(at.folder, 'one', 'list'), 'instances: [{ service: billing, url: "http://one:1" }]');
  await symlink(join(at.folder, 'one', 'list'), file);
  await until(() => followed.urls()?.[0] === 'http://one:1');
});

test('a file that is gone or wrong leaves the last list in place, and is complained about once', async () => {
  await using at = await temporaryFolder();
  const file = join(at.folder, 'instances.yaml');
  await writeFile(file, LIST);
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) };
  const runtime = createFakeRuntime();
  using followed = follow(fileSource({ file, runtime, log }));
  for (const wrong of [
    'instances: [',
    'instances: 3',
    'instances: [{ service: billing }]',
    `${LIST}  - { service: x, url: no }\n`,
  ]) {
    await writeFile(file, wrong);
    await runtime.clock.advance(10_000);
  }
  await rm(file);
  await runtime.clock.advance(10_000);
  assert.equal(followed.lists.length, 1);
  assert.equal(warnings.length, 5);
});

test('service records of DNS are instances with ports and weights; the next priority waits', async () => {
  const srv = (target: string, more: Partial<DnsRecord & { type: 'SRV' }> = {}): DnsRecord => {
    return { type: 'SRV', priority: 1, weight: 5, port: 8080, target, ...more };
  };
  const records = new Map<string, DnsRecord[]>([
    ['_http._tcp.billing.test', [srv('a.test'), srv('b.test', { weight: 1 }), srv('z.test', { priority: 2 })]],
  ]);
  using dns = await startDnsServer(records);
  const options = { service: 'billing', name: '_http._tcp.billing.test', servers: [dns.server], intervalMs: 50 };
  using followed = follow(dnsSource({ ...options, type: 'SRV', runtime: systemRuntime, log: silentLogger }));
  await until(() => followed.lists.length === 1);
  assert.deepEqual(
    followed.lists[0]!.map(({ url, weight }) => `${url} ${weight}`),
    ['http://a.test:8080 5', 'http://b.test:8080 1'],
  );
  records.set('_http._tcp.billing.test', [srv('c.test', { weight: 0 })]);
  await until(() => followed.urls()?.[0] === 'http://c.test:8080');
  assert.equal(followed.lists.at(-1)![0]!.weight, 1);
});

test('address records are instances at a port; a name server that fails, or forgets the name, changes nothing', async () => {
  const records = new Map<string, DnsRecord[]>([
    [
      'billing.test',
      [
        { type: 'A', address: '10.0.0.2' },
        { type: 'A', address: '10.0.0.1' },
      ],
    ],
  ]);
  using dns = await startDnsServer(records);
  const runtime = createFakeRuntime();
  const options = { service: 'billing', name: 'billing.test', port: 8080, servers: [dns.server] };
  using followed = follow(dnsSource({ ...options, type: 'A', runtime, log: silentLogger }));
  await until(() => followed.lists.length === 1);
  assert.deepEqual(followed.urls(), ['http://10.0.0.1:8080', 'http://10.0.0.2:8080']);
  const askedAgain = async (): Promise<void> => {
    const before = dns.state.asked;
    await until(async () => (await runtime.clock.advance(1_000), dns.state.asked > before + 2));
  };
  dns.state.broken = true;
  await askedAgain();
  dns.state.broken = false;
  records.clear();
  await askedAgain();
  assert.equal(followed.lists.length, 1);
  records.set('billing.test', [{ type: 'A', address: '10.0.0.3' }]);
  await until(async () => (await runtime.clock.advance(1_000), followed.lists.length === 2));
});
