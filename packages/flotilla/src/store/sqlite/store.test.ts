import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeRuntime } from '../../testing/index.ts';
import { database, type Store } from '../index.ts';
import { openWriter } from './connection.ts';
import { sqliteDriver } from './index.ts';

async function openWhileOthersWrite(): Promise<AsyncDisposable & { readonly store: Store }> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-store-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const store = await stack.use(sqliteDriver({ folder, runtime: createFakeRuntime() })).open('orders', database({}));
  await store.transact((tx) => tx.inbox.insert('c', 'm', 1));
  const other = stack.adopt(openWriter(join(folder, 'orders.db')), (connection) => connection.close());
  other.exec('BEGIN IMMEDIATE');
  const owned = stack.move();
  return { store, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('reading does not wait for another process that writes', async () => {
  await using at = await openWhileOthersWrite();
  assert.equal(await at.store.events.head(), 0);
  assert.deepEqual(await at.store.sagas.list({ limit: 1 }), []);
});

test('a claim that finds nothing does not ask for the write lock', async () => {
  await using at = await openWhileOthersWrite();
  assert.deepEqual(await at.store.sagas.claim({ owner: 'me', kinds: ['order'], limit: 1, leaseMs: 1_000 }), []);
});
