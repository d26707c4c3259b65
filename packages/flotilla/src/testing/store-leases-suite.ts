import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseProof } from '../store/index.ts';
import { storeAtWork, type SuiteStore, tables } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const TTL_MS = 200;

const acquire = (store: SuiteStore, owner: string, name = 'relay'): Promise<LeaseProof | undefined> =>
  store.transact((tx) => tx.leases.acquire(name, owner, TTL_MS));

const advance = (store: SuiteStore, [from, to]: [number, number], lease?: LeaseProof): Promise<boolean> =>
  store.transact((tx) => tx.cursors.advance({ name: 'cursor', from, to, lease }));

const position = (store: SuiteStore): Promise<number> => store.cursors.position('cursor');

export function leaseTests({ open }: StoreSuiteOptions): void {
  test('a lease belongs to one owner, who may renew it', async () => {
    await using at = await storeAtWork(open);
    const first = await acquire(at.store, 'a');
    assert.deepEqual(first, { name: 'relay', owner: 'a', fence: 1 });
    assert.equal(await acquire(at.store, 'b'), undefined);
    assert.deepEqual(await acquire(at.store, 'a'), first);
    assert.equal((await acquire(at.store, 'b', 'another'))?.fence, 1);
  });

  test('a lease that ran out goes to whoever asks, with a higher fence', async () => {
    await using at = await storeAtWork(open);
    await acquire(at.store, 'a');
    await at.place.advance(TTL_MS / 2);
    assert.equal(await acquire(at.store, 'b'), undefined);
    await at.place.advance(TTL_MS);
    assert.equal((await acquire(at.store, 'b'))?.fence, 2);
    assert.equal(await acquire(at.store, 'a'), undefined);
  });

  test('renewing makes a lease last', async () => {
    await using at = await storeAtWork(open);
    for (let round = 0; round < 4; round += 1) {
      await acquire(at.store, 'a');
      await at.place.advance(TTL_MS * 0.7);
    }
    assert.equal(await acquire(at.store, 'b'), undefined);
  });

  test('a released lease is free at once and its fence goes on rising; a stale proof releases nothing', async () => {
    await using at = await storeAtWork(open);
    const first = await acquire(at.store, 'a');
    await at.store.transact((tx) => tx.leases.release(first!));
    const second = await acquire(at.store, 'b');
    assert.equal(second?.fence, 2);
    await at.store.transact((tx) => tx.leases.release(first!));
    assert.equal(await acquire(at.store, 'a'), undefined);
    await at.store.transact((tx) => tx.leases.release(second!));
    const third = await acquire(at.store, 'a');
    assert.equal(third?.fence, 3);
    // Its own proof from before is as stale as anybody else's.
    await at.store.transact((tx) => tx.leases.release(first!));
    assert.equal(await acquire(at.store, 'b'), undefined);
  });

  test('a unit that writes as the holder of a lease learns when it is not', async () => {
    await using at = await storeAtWork(open);
    const holds = (proof: LeaseProof): Promise<boolean> => at.store.transact((tx) => tx.leases.holds(proof));
    const first = (await acquire(at.store, 'a'))!;
    assert.equal(await holds(first), true);
    assert.equal(await holds({ ...first, owner: 'b' }), false);
    await at.place.advance(TTL_MS * 2);
    // It ran out, but nobody took it.
    assert.equal(await holds(first), true);
    const second = (await acquire(at.store, 'b'))!;
    assert.deepEqual(await Promise.all([first, second, { ...second, name: 'other' }].map(holds)), [false, true, false]);
    await at.store.transact((tx) => tx.leases.release(second));
    assert.equal(await holds(second), false);
  });

  test('a lease does not change hands between the look of a unit and its commit', async () => {
    await using at = await storeAtWork(open);
    const elsewhere = await at.place.connect().open('suite', tables);
    const proof = (await acquire(at.store, 'a'))!;
    await at.place.advance(TTL_MS * 2);
    const order: string[] = [];
    let taking: Promise<unknown> | undefined;
    await at.store.transact(async (tx) => {
      assert.equal(await tx.leases.holds(proof), true);
      taking = acquire(elsewhere, 'b').then(() => order.push('taken'));
      await tx.db.insertInto('item').values({ id: 'x', amount: 1 }).execute();
      tx.afterCommit(() => order.push('written'));
    });
    await taking;
    assert.deepEqual(order, ['written', 'taken']);
  });

  test('of many that ask at once exactly one gets the lease', async () => {
    await using at = await storeAtWork(open);
    const proofs = await Promise.all(Array.from({ length: 20 }, (_, index) => acquire(at.store, `owner-${index}`)));
    assert.equal(proofs.filter((proof) => proof !== undefined).length, 1);
  });

  test('a cursor moves only from where it stands', async () => {
    await using at = await storeAtWork(open);
    assert.equal(await position(at.store), 0);
    assert.equal(await advance(at.store, [3, 5]), false);
    assert.equal(await advance(at.store, [0, 5]), true);
    assert.equal(await advance(at.store, [0, 9]), false);
    assert.equal(await advance(at.store, [5, 9]), true);
    assert.equal(await position(at.store), 9);
  });

  test('a unit sees how it has moved a cursor, and a cursor that was removed begins anew', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact(async ({ cursors }) => {
      await cursors.advance({ name: 'cursor', from: 0, to: 5 });
      assert.equal(await cursors.position('cursor'), 5);
    });
    await at.store.transact((tx) => tx.cursors.remove('cursor'));
    assert.equal(await position(at.store), 0);
    assert.equal(await advance(at.store, [0, 2]), true);
  });

  test('of many that move a cursor from one place exactly one succeeds', async () => {
    await using at = await storeAtWork(open);
    const moves = await Promise.all(Array.from({ length: 20 }, (_, index) => advance(at.store, [0, index + 1])));
    assert.equal(moves.filter(Boolean).length, 1);
  });

  test('a cursor that is guarded by a lease does not move for an owner who lost it', async () => {
    await using at = await storeAtWork(open);
    const first = (await acquire(at.store, 'a'))!;
    assert.equal(await advance(at.store, [0, 5], first), true);
    await at.place.advance(TTL_MS * 2);
    const second = (await acquire(at.store, 'b'))!;
    assert.equal(await advance(at.store, [5, 6], first), false);
    assert.equal(await advance(at.store, [5, 6], { ...second, fence: first.fence }), false);
    assert.equal(await advance(at.store, [5, 7], second), true);
    assert.equal(await position(at.store), 7);
  });
}
