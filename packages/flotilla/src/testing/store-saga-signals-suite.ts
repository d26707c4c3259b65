import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SagaSignal, SignalOutcome } from '../store/index.ts';
import { awaiting, claim, claimed, insertSaga, step } from './store-saga-suite-place.ts';
import { storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const FAR = Number.MAX_SAFE_INTEGER;

function signal(id: string, set: Partial<SagaSignal> = {}): SagaSignal {
  return { id, kind: 'order', key: 'key-s', name: 'approval', data: { by: 'ada' }, at: 1, expiresAt: FAR, ...set };
}

const send = (store: SuiteStore, one: SagaSignal): Promise<SignalOutcome> => store.transact((tx) => tx.sagas.signal(one));
const expire = (store: SuiteStore, limit = 10): Promise<SagaSignal[]> => store.transact((tx) => tx.sagas.expireSignals(limit));

export function sagaSignalTests({ open }: StoreSuiteOptions): void {
  test('a signal makes the saga due that waits for it, and comes with the claim', async () => {
    await using at = await storeAtWork(open);
    await at.store.sagas.advance(awaiting(await claimed(at.store, 's'), 'approval', FAR));
    assert.deepEqual(await claim(at.store), []);
    assert.equal(await send(at.store, signal('one')), 'delivered');
    const [taken] = await claim(at.store);
    assert.deepEqual(taken?.signals, [signal('one')]);
    assert.equal(taken.saga.awaits, 'approval');
  });

  test('a saga that turned back can wait for a signal too', async () => {
    await using at = await storeAtWork(open);
    const set = { status: 'compensating', phase: 'backward', awaits: 'approval', wakeAt: FAR } as const;
    await at.store.sagas.advance(step(await claimed(at.store, 's'), { set, release: true }));
    assert.equal(await send(at.store, signal('one')), 'delivered');
    const [taken] = await claim(at.store);
    assert.deepEqual([taken?.saga.status, taken?.signals.length], ['compensating', 1]);
  });

  test('a signal of another name, kind or key wakes nobody and is kept', async () => {
    await using at = await storeAtWork(open);
    await at.store.sagas.advance(awaiting(await claimed(at.store, 's'), 'approval', FAR));
    for (const other of [{ name: 'refusal' }, { kind: 'refund' }, { key: 'key-t' }]) {
      assert.equal(await send(at.store, signal('other', other)), 'kept');
    }
    assert.deepEqual(await claim(at.store), []);
    const { signals } = (await at.store.sagas.find('s'))!;
    assert.deepEqual(signals, [signal('other', { name: 'refusal' })]);
  });

  test('a signal that comes before the saga waits, or before there is one, is there when it does', async () => {
    await using at = await storeAtWork(open);
    assert.equal(await send(at.store, signal('early')), 'kept');
    const held = await claimed(at.store, 's');
    assert.equal(await send(at.store, signal('late', { at: 2 })), 'kept');
    await at.store.sagas.advance(awaiting(held, 'approval', FAR));
    const [taken] = await claim(at.store);
    assert.deepEqual(
      taken?.signals.map(({ id }) => id),
      ['early', 'late'],
    );
  });

  test('a claim brings only signals that the saga awaits', async () => {
    await using at = await storeAtWork(open);
    await send(at.store, signal('early'));
    await insertSaga(at.store, 's');
    const [taken] = await claim(at.store);
    assert.deepEqual([taken?.saga.awaits, taken?.signals], [undefined, []]);
  });

  test('whichever of a wait and a signal comes first, the saga is woken', async () => {
    await using at = await storeAtWork(open);
    for (let round = 0; round < 20; round++) {
      const id = `s${round}`;
      const wait = awaiting(await claimed(at.store, id), 'approval', FAR);
      const acts = [() => at.store.sagas.advance(wait), () => send(at.store, signal('one', { key: `key-${id}` }))];
      await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map((act) => act()));
      const [taken] = await claim(at.store);
      assert.deepEqual([taken?.saga.id, taken?.signals.length], [id, 1]);
    }
  });

  test('a repeated signal changes nothing', async () => {
    await using at = await storeAtWork(open);
    await insertSaga(at.store, 's');
    await send(at.store, signal('one'));
    await send(at.store, signal('one', { data: 'other' }));
    assert.deepEqual((await at.store.sagas.find('s'))!.signals, [signal('one')]);
  });

  test('what a saga has taken is gone with the step that took it', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    for (const id of ['one', 'two']) await send(at.store, signal(id));
    await at.store.sagas.advance(step(held, { takes: ['one'] }));
    const left = (await at.store.sagas.find('s'))!.signals.map(({ id }) => id);
    assert.deepEqual(left, ['two']);
    assert.equal(await at.store.sagas.advance(step({ ...held, fence: 0 }, { takes: ['two'] })), false);
    assert.equal((await at.store.sagas.find('s'))!.signals.length, 1);
  });

  test('a saga that goes on waits for nothing any more', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await at.store.sagas.advance(awaiting(held, 'approval', at.place.now()));
    const [again] = await claim(at.store);
    const wakeAt = at.place.now() + 60_000;
    await at.store.sagas.advance(step(again!.saga, { set: { status: 'waiting', wakeAt }, release: true }));
    assert.equal(await send(at.store, signal('one')), 'kept');
    assert.deepEqual(await claim(at.store), []);
  });

  test('a saga that has ended keeps no signal', async () => {
    await using at = await storeAtWork(open);
    await at.store.sagas.advance(step(await claimed(at.store, 's'), { set: { status: 'compensated' } }));
    assert.equal(await send(at.store, signal('one')), 'ended');
    assert.deepEqual((await at.store.sagas.find('s'))!.signals, []);
  });

  test('a signal of a unit that fails was never sent', async () => {
    await using at = await storeAtWork(open);
    await at.store.sagas.advance(awaiting(await claimed(at.store, 's'), 'approval', FAR));
    const failing = at.store.transact(async (tx) => {
      await tx.sagas.signal(signal('one'));
      throw new Error('no');
    });
    await assert.rejects(failing);
    assert.deepEqual(await claim(at.store), []);
  });

  test('signals whose saga never came expire, oldest first; one whose saga is under way waits for it', async () => {
    await using at = await storeAtWork(open);
    const now = at.place.now();
    await insertSaga(at.store, 's');
    await send(at.store, signal('waits', { expiresAt: now + 100 }));
    await send(at.store, signal('second', { key: 'nobody', expiresAt: now + 200 }));
    await send(at.store, signal('first', { key: 'nobody', expiresAt: now + 100 }));
    assert.deepEqual(await expire(at.store), []);
    await at.place.advance(300);
    assert.deepEqual(
      (await expire(at.store, 1)).map(({ id }) => id),
      ['first'],
    );
    assert.deepEqual(
      (await expire(at.store)).map(({ id }) => id),
      ['second'],
    );
    const [over] = await claim(at.store);
    await at.store.sagas.advance(step(over!.saga, { set: { status: 'done' } }));
    assert.deepEqual(
      (await expire(at.store)).map(({ id }) => id),
      ['waits'],
    );
  });
}
