import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParkedMessage } from '../store/index.ts';
import { storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

function parked(messageId: string, set: Partial<ParkedMessage> = {}): ParkedMessage {
  return { consumer: 'c', messageId, key: 'k', envelope: { messageId }, error: 'no', at: 1, ...set };
}

const remember = (store: SuiteStore, key: string, at: number): Promise<void> =>
  store.transact((tx) => tx.idempotency.insert({ scope: 's', key, requestHash: 'h', reply: { key }, at }));

export function inboxTests({ open }: StoreSuiteOptions): void {
  test('a message is new to each consumer once', async () => {
    await using at = await storeAtWork(open);
    const insert = (consumer: string, id: string): Promise<boolean> =>
      at.store.transact((tx) => tx.inbox.insert(consumer, id, 1));
    assert.deepEqual([await insert('a', 'm'), await insert('a', 'm'), await insert('b', 'm')], [true, false, true]);
    const many = await Promise.all(Array.from({ length: 20 }, () => insert('a', 'n')));
    assert.equal(many.filter(Boolean).length, 1);
  });

  test('a message whose handler failed is new again', async () => {
    await using at = await storeAtWork(open);
    const handling = at.store.transact(async (tx) => {
      await tx.inbox.insert('a', 'm', 1);
      throw new Error('no');
    });
    await assert.rejects(handling);
    assert.equal(await at.store.transact((tx) => tx.inbox.insert('a', 'm', 1)), true);
  });

  test('a parked message blocks its key for its consumer, until it is unparked', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact((tx) => tx.inbox.park(parked('m')));
    const blocked = (): Promise<boolean[]> =>
      at.store.transact((tx) =>
        Promise.all([tx.inbox.isBlocked('c', 'k'), tx.inbox.isBlocked('c', 'other'), tx.inbox.isBlocked('other', 'k')]),
      );
    assert.deepEqual(await blocked(), [true, false, false]);
    await at.store.transact((tx) => tx.inbox.unpark('c', 'm'));
    assert.deepEqual(await blocked(), [false, false, false]);
  });

  test('parked messages come oldest first, as they were parked; parking again keeps the newest error', async () => {
    await using at = await storeAtWork(open);
    const late = parked('a, late', { at: 5, key: undefined });
    const early = parked('b, early', { at: 2 });
    const again = { ...early, error: 'still no', at: 3 };
    const list = await at.store.transact(async (tx) => {
      for (const message of [late, early, again]) await tx.inbox.park(message);
      return [await tx.inbox.parked(10), await tx.inbox.parked(1)];
    });
    assert.deepEqual(list, [[again, late], [again]]);
  });

  test('pruning forgets old messages, no more than it was allowed to', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact(async (tx) => {
      for (const when of [1, 2, 3, 4]) await tx.inbox.insert('c', `m${when}`, when);
    });
    const prune = (limit: number): Promise<number> => at.store.transact((tx) => tx.inbox.prune(4, limit));
    assert.deepEqual([await prune(2), await prune(2), await prune(2)], [2, 1, 0]);
    assert.equal(await at.store.transact((tx) => tx.inbox.insert('c', 'm4', 9)), false);
    assert.equal(await at.store.transact((tx) => tx.inbox.insert('c', 'm1', 9)), true);
  });

  test('a reply is found by scope and key as it was given', async () => {
    await using at = await storeAtWork(open);
    await remember(at.store, 'k', 1);
    const find = (scope: string, key: string): Promise<unknown> => at.store.transact((tx) => tx.idempotency.find(scope, key));
    assert.deepEqual(await find('s', 'k'), { requestHash: 'h', reply: { key: 'k' } });
    assert.deepEqual(await at.store.idempotency.find('s', 'k'), { requestHash: 'h', reply: { key: 'k' } }, 'past the writer');
    assert.equal(await find('s', 'other'), undefined);
    assert.equal(await find('other', 'k'), undefined);
  });

  test('no reply and a reply of null stay apart', async () => {
    await using at = await storeAtWork(open);
    const replies = await at.store.transact(async ({ idempotency }) => {
      await idempotency.insert({ scope: 's', key: 'none', requestHash: 'h', reply: undefined, at: 1 });
      await idempotency.insert({ scope: 's', key: 'null', requestHash: 'h', reply: null, at: 1 });
      return [await idempotency.find('s', 'none'), await idempotency.find('s', 'null')];
    });
    assert.deepEqual(
      replies.map((found) => found?.reply),
      [undefined, null],
    );
  });

  test('a key is kept once; whoever comes second is told to try again', async () => {
    await using at = await storeAtWork(open);
    await remember(at.store, 'k', 1);
    await assert.rejects(remember(at.store, 'k', 2), { code: 'IDEMPOTENCY_KEY_TAKEN', kind: 'conflict', retryable: true });
  });

  test('pruning forgets old replies, no more than it was allowed to', async () => {
    await using at = await storeAtWork(open);
    for (const when of [1, 2, 3, 4]) await remember(at.store, `k${when}`, when);
    const prune = (limit: number): Promise<number> => at.store.transact((tx) => tx.idempotency.prune(4, limit));
    assert.deepEqual([await prune(2), await prune(2), await prune(2)], [2, 1, 0]);
    const left = await at.store.transact((tx) => Promise.all(['k3', 'k4'].map((key) => tx.idempotency.find('s', key))));
    assert.deepEqual(
      left.map((found) => found !== undefined),
      [false, true],
    );
  });
}
