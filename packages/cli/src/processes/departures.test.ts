import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sqliteRegistry } from 'flotilla/discovery';
import { systemRuntime } from 'flotilla/kernel';
import { createDepartures } from './departures.ts';

test('the instances of a process that ended leave the list, and nobody else does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-'));
  const registry = sqliteRegistry({ folder, runtime: systemRuntime });
  const register = (id: string, pid: string, host = hostname()) =>
    registry.register({
      id,
      service: 'catalog',
      url: 'http://127.0.0.1:1',
      version: '1.0.0',
      weight: 1,
      status: 'passing',
      epoch: 1,
      metadata: { pid, host },
    });
  await register('a', '41');
  await register('b', '42');
  await register('c', '41', 'another-machine');
  const departures = createDepartures(sqliteRegistry({ folder, runtime: systemRuntime }));
  departures.ended(41);
  departures.ended(43);
  await departures[Symbol.asyncDispose]();
  assert.deepEqual(
    (await registry.list()).instances.map(({ id }) => id),
    ['b', 'c'],
  );
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
