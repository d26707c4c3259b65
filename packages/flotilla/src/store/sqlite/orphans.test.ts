import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeRuntime } from '../../testing/index.ts';
import { database } from '../index.ts';
import { sqliteDriver } from './index.ts';

test('a process that is alone on the data takes over from the dead at once, under a higher fence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-'));
  const runtime = createFakeRuntime();
  const open = async (alone: boolean) => {
    const driver = sqliteDriver({ folder, alone, runtime });
    const store = await driver.open('orders', database({}));
    return { store, close: () => driver[Symbol.asyncDispose]() };
  };
  const saga = { id: 's1', kind: 'k', key: 'a', definitionVersion: '1', input: null, meta: null, correlationId: 'c', at: 0 };
  const claim = { kinds: ['k'], limit: 1, leaseMs: 30_000 };

  const dead = await open(true);
  await dead.store.transact((tx) => tx.sagas.insert(saga));
  const [claimed] = await dead.store.sagas.claim({ owner: 'dead', ...claim });
  const lease = await dead.store.transact((tx) => tx.leases.acquire('relay', 'dead', 30_000));
  await dead.close();

  const beside = await open(false);
  assert.deepEqual(
    await beside.store.sagas.claim({ owner: 'beside', ...claim }),
    [],
    'beside others, a lease holds until it expires',
  );
  assert.equal(await beside.store.transact((tx) => tx.leases.acquire('relay', 'beside', 30_000)), undefined);
  await beside.close();

  const heir = await open(true);
  const [inherited] = await heir.store.sagas.claim({ owner: 'heir', ...claim });
  assert.equal(inherited?.saga.fence, claimed!.saga.fence + 1);
  const taken = await heir.store.transact((tx) => tx.leases.acquire('relay', 'heir', 30_000));
  assert.equal(taken?.fence, lease!.fence + 1);
  await heir.close();
  await rm(folder, { recursive: true });
});
