import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SagaScope } from '../store/index.ts';
import { awaiting, claim, claimed, idsOf, insertSaga, LEASE_MS, step } from './store-saga-suite-place.ts';
import { newSaga, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const FAR = Number.MAX_SAFE_INTEGER;

const pause = (store: SuiteStore, scope: SagaScope): Promise<boolean> => store.transact((tx) => tx.sagas.pause(scope));
const resume = (store: SuiteStore, scope: SagaScope): Promise<boolean> => store.transact((tx) => tx.sagas.resume(scope));
const lock = (store: SuiteStore, resource: string, saga: string): Promise<boolean> =>
  store.transact((tx) => tx.sagas.lock(resource, saga));

/** What holds sagas back: pauses by operators, and locks of other sagas. */
export function sagaHoldTests({ open }: StoreSuiteOptions): void {
  const scopes: SagaScope[] = [{ service: true }, { kind: 'order' }, { id: 's' }];
  for (const scope of scopes) {
    test(`nobody claims what is paused by ${Object.keys(scope)[0]}, until it is resumed`, async () => {
      await using at = await storeAtWork(open);
      await insertSaga(at.store, 's');
      assert.deepEqual([await pause(at.store, scope), await pause(at.store, scope)], [true, false]);
      assert.deepEqual(await claim(at.store), []);
      assert.equal(await at.store.sagas.nextWake(['order']), undefined);
      assert.deepEqual([await resume(at.store, scope), await resume(at.store, scope)], [true, false]);
      assert.deepEqual(idsOf(await claim(at.store)), ['s']);
    });
  }

  test('a pause leaves out what is not meant', async () => {
    await using at = await storeAtWork(open);
    for (const id of ['a', 'b']) await insertSaga(at.store, id);
    await insertSaga(at.store, 'r', { kind: 'refund' });
    await pause(at.store, { id: 'a' });
    await pause(at.store, { kind: 'refund' });
    assert.deepEqual(idsOf(await claim(at.store, 'me', { kinds: ['order', 'refund'] })), ['b']);
    assert.deepEqual(await at.store.sagas.pauses(), { service: false, kinds: ['refund'], claimed: [] });
  });

  test('a saga that is paused while it runs keeps its claim until its owner gives it back, and its place in time', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await pause(at.store, { id: 's' });
    assert.deepEqual((await at.store.sagas.pauses()).claimed, ['s']);
    const wakeAt = at.place.now() + 1_000;
    assert.equal(await at.store.sagas.advance(step(held, { set: { status: 'waiting', wakeAt }, release: true })), true);
    assert.deepEqual((await at.store.sagas.pauses()).claimed, []);
    await resume(at.store, { id: 's' });
    assert.deepEqual(await claim(at.store), []);
    await at.place.advance(1_050);
    assert.deepEqual(idsOf(await claim(at.store)), ['s']);
  });

  test('the lease of a paused saga runs out unnoticed', async () => {
    await using at = await storeAtWork(open);
    await claimed(at.store, 's');
    await pause(at.store, { id: 's' });
    await at.place.advance(LEASE_MS * 2);
    assert.deepEqual(await claim(at.store, 'other'), []);
    assert.equal(await at.store.sagas.nextWake(['order']), undefined);
    await resume(at.store, { id: 's' });
    assert.deepEqual(idsOf(await claim(at.store, 'other')), ['s']);
  });

  for (const status of ['stuck', 'done'] as const) {
    test(`a saga that is ${status} is not paused, and can't be`, async () => {
      await using at = await storeAtWork(open);
      const held = await claimed(at.store, 's');
      await pause(at.store, { id: 's' });
      await at.store.sagas.advance(step(held, { set: { status } }));
      assert.equal((await at.store.sagas.find('s'))!.saga.paused, false);
      assert.equal(await pause(at.store, { id: 's' }), false);
      assert.equal(await pause(at.store, { id: 'unknown' }), false);
    });
  }

  test('nothing is born claimed while its kind or the service is paused', async () => {
    await using at = await storeAtWork(open);
    const entry = { step: 'reserve', direction: 'run', attempt: 1, status: 'started', at: 1 } as const;
    const born = { owner: 'me', leaseMs: LEASE_MS, entries: [entry] };
    for (const scope of [{ kind: 'order' }, { service: true }] satisfies SagaScope[]) {
      await pause(at.store, scope);
      const [id] = Object.keys(scope) as [string];
      assert.deepEqual(await at.store.sagas.insert(newSaga(id, { claim: born })), { id, leaseUntil: undefined });
      await resume(at.store, scope);
      const [taken] = await claim(at.store);
      assert.deepEqual([taken?.saga.id, taken?.journal], [id, []]);
    }
  });

  test('the first to ask for a resource holds it; the others get it in the order they asked, each when the one before ends', async () => {
    await using at = await storeAtWork(open);
    const sagas = [];
    for (const id of ['a', 'b', 'c']) sagas.push(await claimed(at.store, id));
    const got = [];
    for (const { id } of [...sagas, sagas[0]!]) got.push(await lock(at.store, 'table-1', id));
    assert.deepEqual(got, [true, false, false, true]);
    for (const waiter of sagas.slice(1)) await at.store.sagas.advance(awaiting(waiter, 'lock', FAR));

    await at.store.sagas.advance(step(sagas[0]!, { set: { status: 'done' } }));
    const [second] = await claim(at.store);
    assert.deepEqual([second?.saga.id, await lock(at.store, 'table-1', 'b')], ['b', true]);
    assert.deepEqual(await claim(at.store), []);

    await at.store.transact((tx) => tx.sagas.intervene({ id: 'b', set: { status: 'cancelled' }, at: 3 }));
    assert.deepEqual(idsOf(await claim(at.store)), ['c']);
    assert.equal(await lock(at.store, 'table-1', 'c'), true);
  });

  test("a waiter that ends leaves the line, and another resource is nobody else's business", async () => {
    await using at = await storeAtWork(open);
    const sagas = [];
    for (const id of ['a', 'b', 'c']) sagas.push(await claimed(at.store, id));
    for (const { id } of sagas) await lock(at.store, 'table-1', id);
    assert.equal(await lock(at.store, 'table-2', 'b'), true);
    await at.store.sagas.advance(step(sagas[1]!, { set: { status: 'compensated' } }));
    await at.store.sagas.advance(awaiting(sagas[2]!, 'lock', FAR));
    assert.deepEqual(await claim(at.store), []);
    await at.store.sagas.advance(step(sagas[0]!, { set: { status: 'done' } }));
    assert.deepEqual(idsOf(await claim(at.store)), ['c']);
  });

  test('of many that ask for one resource at the same time exactly one holds it', async () => {
    await using at = await storeAtWork(open);
    const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const got = await Promise.all(ids.map((id) => lock(at.store, 'table-1', id)));
    assert.equal(got.filter(Boolean).length, 1);
  });
}
