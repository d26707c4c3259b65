import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimedSaga } from '../store/index.ts';
import { claim, idsOf, insertSaga as start, LEASE_MS } from './store-saga-suite-place.ts';
import { newSaga, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const giveBack = (store: SuiteStore, { saga }: ClaimedSaga, wakeAt: number): Promise<boolean> =>
  store.sagas.advance({
    id: saga.id,
    fence: saga.fence,
    journal: { after: 0, entries: [{ step: 'reserve', direction: 'run', attempt: 1, status: 'ok', at: 1 }] },
    set: { status: 'waiting', wakeAt },
    release: true,
    at: 1,
  });

export function sagaClaimTests({ open, features }: StoreSuiteOptions): void {
  test('a claim takes what is due, gives each saga a fence and a lease, and leaves it to nobody else', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const [first] = await claim(at.store, 'me');
    assert.equal(first?.saga.fence, 1);
    assert.equal(first?.saga.owner, 'me');
    assert.equal(first?.saga.status, 'running');
    assert.ok(first.saga.leaseUntil > at.place.now());
    assert.deepEqual(await claim(at.store, 'other'), []);
    assert.deepEqual(await claim(at.store, 'me'), []);
  });

  test('a claim keeps to its kinds and to its limit', async () => {
    await using at = await storeAtWork(open);
    for (const id of ['a', 'b', 'c']) await start(at.store, id);
    await start(at.store, 'r', { kind: 'refund' });
    assert.equal((await claim(at.store, 'me', { limit: 2 })).length, 2);
    assert.equal((await claim(at.store, 'me', { limit: 2 })).length, 1);
    assert.deepEqual(await claim(at.store, 'me', { kinds: [] }), []);
    assert.deepEqual(idsOf(await claim(at.store, 'me', { kinds: ['order', 'refund'] })), ['r']);
  });

  test('no saga is claimed twice, whoever asks at the same time', async () => {
    await using at = await storeAtWork(open);
    await using other = features.shared ? await storeAtWork(async () => at.place) : undefined;
    const ids = Array.from({ length: 40 }, (_, index) => `s${index}`).sort();
    await Promise.all(ids.map((id) => start(at.store, id)));
    const stores = [at.store, other?.store ?? at.store];
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) => claim(stores[index % 2]!, `owner-${index}`, { limit: 3 })),
    );
    assert.deepEqual(idsOf(claims.flat()), ids);
  });

  test('a claimed saga comes with its journal, in the order it was written', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const [first] = await claim(at.store, 'me');
    await giveBack(at.store, first!, at.place.now());
    const [second] = await claim(at.store, 'me');
    assert.deepEqual(
      second?.journal.map(({ step, status }) => [step, status]),
      [['reserve', 'ok']],
    );
  });

  test('a saga that waits is claimed when its time has come', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const [first] = await claim(at.store, 'me');
    const wakeAt = at.place.now() + 1_000;
    await giveBack(at.store, first!, wakeAt);
    assert.deepEqual(await claim(at.store, 'me'), []);
    assert.equal(await at.store.sagas.nextWake(['order']), wakeAt);
    await at.place.advance(1_050);
    assert.deepEqual(idsOf(await claim(at.store, 'me')), ['a']);
  });

  test('a claim leaves out what waits for later, even when something else is due', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'later');
    const [later] = await claim(at.store, 'me');
    await giveBack(at.store, later!, at.place.now() + 10_000);
    await start(at.store, 'due');
    assert.deepEqual(idsOf(await claim(at.store, 'me')), ['due']);
  });

  test('a saga whose owner went silent is claimed again with a higher fence; an owner who renews keeps it', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'silent');
    await start(at.store, 'alive');
    const held = (await claim(at.store, 'me')).map(({ saga: { id, fence } }) => ({ id, fence }));
    await at.place.advance(LEASE_MS * 0.7);
    const alive = held.filter(({ id }) => id === 'alive');
    assert.deepEqual(await at.store.sagas.renew('me', alive, LEASE_MS), ['alive']);
    await at.place.advance(LEASE_MS * 0.7);
    const taken = await claim(at.store, 'other');
    assert.deepEqual(
      taken.map(({ saga }) => [saga.id, saga.fence]),
      [['silent', 2]],
    );
  });

  test('a renewal tests owner and fence', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const [{ saga }] = (await claim(at.store, 'me')) as [ClaimedSaga];
    const renew = (owner: string, fence: number): Promise<string[]> =>
      at.store.sagas.renew(owner, [{ id: 'a', fence }], LEASE_MS);
    assert.deepEqual(await renew('other', saga.fence), []);
    assert.deepEqual(await renew('me', saga.fence + 1), []);
    assert.deepEqual(await renew('me', saga.fence), ['a']);
  });

  test('a saga that turned back stays marked as compensating while it is claimed', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const [{ saga }] = (await claim(at.store, 'me')) as [ClaimedSaga];
    const set = { status: 'compensating', phase: 'backward' } as const;
    await at.store.sagas.advance({ id: 'a', fence: saga.fence, set, at: 1 });
    assert.deepEqual(await claim(at.store, 'other'), []);
    await at.place.advance(LEASE_MS * 2);
    assert.equal((await claim(at.store, 'other'))[0]?.saga.status, 'compensating');
  });

  for (const status of ['done', 'compensated', 'cancelled', 'stuck'] as const) {
    test(`a saga that is ${status} is never claimed and wakes nobody`, async () => {
      await using at = await storeAtWork(open);
      await start(at.store, 'a');
      const [{ saga }] = (await claim(at.store, 'me')) as [ClaimedSaga];
      await at.store.sagas.advance({ id: 'a', fence: saga.fence, set: { status }, at: 1 });
      await at.place.advance(LEASE_MS * 2);
      assert.deepEqual(await claim(at.store, 'other'), []);
      assert.equal(await at.store.sagas.nextWake(['order']), undefined);
    });
  }

  test('the next wake is the earliest of what waits and of what leases run out, for the kinds asked', async () => {
    await using at = await storeAtWork(open);
    assert.equal(await at.store.sagas.nextWake(['order']), undefined);
    await start(at.store, 'a');
    const [{ saga }] = (await claim(at.store, 'me')) as [ClaimedSaga];
    assert.equal(await at.store.sagas.nextWake(['order']), saga.leaseUntil);
    await start(at.store, 'b', { kind: 'refund' });
    assert.equal(await at.store.sagas.nextWake(['order']), saga.leaseUntil);
    assert.ok((await at.store.sagas.nextWake(['order', 'refund']))! <= at.place.now());
  });

  test('a saga can be born claimed: it belongs to whoever started it, and others find it when the lease is over', async () => {
    await using at = await storeAtWork(open);
    const entry = { step: 'reserve', direction: 'run', attempt: 1, status: 'started', at: 1 } as const;
    const born = { owner: 'me', leaseMs: LEASE_MS, entries: [entry] };
    const inserted = await at.store.sagas.insert(newSaga('a', { claim: born }));
    assert.deepEqual(await claim(at.store, 'other'), []);
    const { saga, journal } = (await at.store.sagas.find('a'))!;
    assert.deepEqual([saga.status, saga.owner, saga.fence, journal], ['running', 'me', 1, [entry]]);
    assert.ok(saga.leaseUntil > at.place.now());
    assert.deepEqual(inserted, { id: 'a', leaseUntil: saga.leaseUntil });
    assert.equal(await at.store.sagas.advance({ id: 'a', fence: 1, set: { reason: 'mine' }, at: 2 }), true);
    await at.place.advance(LEASE_MS * 2);
    const [taken] = await claim(at.store, 'other');
    assert.deepEqual([taken?.saga.id, taken?.saga.fence, taken?.journal], ['a', 2, [entry]]);
  });

  test('a start that comes second is not born again', async () => {
    await using at = await storeAtWork(open);
    const born = { owner: 'me', leaseMs: LEASE_MS };
    await at.store.sagas.insert(newSaga('a', { key: 'one' }));
    assert.deepEqual(await at.store.sagas.insert(newSaga('b', { key: 'one', claim: born })), { id: 'a', leaseUntil: undefined });
    assert.deepEqual(idsOf(await claim(at.store, 'other')), ['a']);
  });

  test('a claim tells when its lease began on the clock of the store', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    const before = at.place.now();
    const [taken] = await claim(at.store, 'me');
    const begun = taken!.saga.leaseUntil - LEASE_MS;
    assert.ok(before <= begun && begun <= at.place.now());
  });

  test('kinds that nobody goes on with are told, as long as one of their sagas has not ended', async () => {
    await using at = await storeAtWork(open);
    await start(at.store, 'a');
    await start(at.store, 'r', { kind: 'refund' });
    await start(at.store, 'x', { kind: 'retired' });
    assert.deepEqual(await at.store.sagas.strangers(['order']), ['refund', 'retired']);
    const [over] = await claim(at.store, 'me', { kinds: ['retired'] });
    await at.store.sagas.advance({ id: 'x', fence: over!.saga.fence, set: { status: 'done' }, at: 1 });
    const [stuck] = await claim(at.store, 'me', { kinds: ['refund'] });
    await at.store.sagas.advance({ id: 'r', fence: stuck!.saga.fence, set: { status: 'stuck' }, at: 1 });
    assert.deepEqual(await at.store.sagas.strangers(['order']), ['refund']);
    assert.deepEqual(await at.store.sagas.strangers(['order', 'refund']), []);
  });
}
