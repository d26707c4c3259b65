import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sqliteRegistry } from '../discovery/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { listedInstance, until } from '../testing/index.ts';
import { createPeers } from './peers.ts';

test('peers that are written down and peers that register are found, and arrivals are told once each', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-'));
  await using registry = sqliteRegistry({ folder, runtime: systemRuntime });
  using peers = createPeers({ registry, fixed: { mail: 'http://127.0.0.1:1' }, runtime: systemRuntime, log: silentLogger });
  const arrived: string[] = [];
  using _listening = peers.onArrival((service) => arrived.push(service));
  assert.equal(peers.url('mail'), 'http://127.0.0.1:1');
  assert.equal(peers.url('catalog'), undefined);

  peers.route('catalog');
  await registry.register(listedInstance('a'));
  await until(() => peers.url('catalog') !== undefined);
  await registry.register(listedInstance('b'));
  await until(() => peers.route('catalog').instances().length === 2);
  assert.deepEqual(
    arrived.filter((service) => service === 'catalog'),
    ['catalog', 'catalog'],
  );
  await rm(folder, { recursive: true });
});
