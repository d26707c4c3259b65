import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimedSaga, NewSaga } from '../store/index.ts';
import { newSaga, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const LEASE_MS = 200;

const start = (store: SuiteStore, id: string, set?: Partial<NewSaga>): Promise<string> =>
  store.transact((tx) => tx.sagas.insert(newSaga(id, set)));

type ClaimOptions = Partial<Parameters<SuiteStore['sagas']['claim']>[0]>;

const claim = (store: SuiteStore, owner: string, options?: ClaimOptions): Promise<ClaimedSaga[]> =>
  store.sagas.claim({ owner, kinds: ['order'], limit: 10, leaseMs: LEASE_MS, ...options });

const idsOf = (claims: readonly ClaimedSaga[]): string[] => claims.map(({ saga }) => saga.id).sort();

const giveBack = (store: SuiteStore, { saga }: ClaimedSaga, wakeAt: number): Promise<boolean> =>
  store.sagas.advance({
    id: saga.id,
    fence: saga.fence,
    entries: [{ step: 'reserve', direction: 'run', attempt: 1, status: 'ok', at: 1 }],
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
    await at.store.sagas.advance({ id: 'a', fence: saga.fence, entries: [], set, at: 1 });
    assert.deepEqual(await claim(at.store, 'other'), []);
    await at.place.advance(LEASE_MS * 2);
    assert.equal((await claim(at.store, 'other'))[0]?.saga.status, 'compensating');
  });

  for (const status of ['done', 'compensated', 'stuck'] as const) {
    test(`a saga that is ${status} is never claimed and wakes nobody`, async () => {
      await using at = await storeAtWork(open);
      await start(at.store, 'a');
      const [{ saga }] = (await claim(at.store, 'me')) as [ClaimedSaga];
      await at.store.sagas.advance({ id: 'a', fence: saga.fence, entries: [], set: { status }, at: 1 });
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
}
