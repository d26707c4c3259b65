import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry, SagaAdvance } from '../store/index.ts';
import { newSaga, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

const LEASE_MS = 200;

function entry(step: string, set: Partial<JournalEntry> = {}): JournalEntry {
  return { step, direction: 'run', attempt: 1, status: 'ok', output: undefined, error: undefined, at: 1, ...set };
}

/** Starts a saga and claims it. */
async function claimed(store: SuiteStore, id: string): Promise<{ id: string; fence: number }> {
  await store.transact((tx) => tx.sagas.insert(newSaga(id)));
  const claims = await store.sagas.claim({ owner: 'me', kinds: ['order'], limit: 1, leaseMs: LEASE_MS });
  return { id, fence: claims[0]!.saga.fence };
}

function step(held: { id: string; fence: number }, set: Partial<SagaAdvance> = {}): SagaAdvance {
  return { ...held, entries: [], set: {}, at: 2, ...set };
}

export function sagaTests({ open }: StoreSuiteOptions): void {
  test('a saga is ready at once and comes back as it was started', async () => {
    await using at = await storeAtWork(open);
    const saga = newSaga('s', { input: { lines: [1, null, 'ü'] }, meta: { traceparent: 't' }, at: 42 });
    assert.equal(await at.store.transact((tx) => tx.sagas.insert(saga)), 's');
    const found = await at.store.sagas.find('s');
    const { wakeAt, ...row } = found!.saga;
    assert.ok(wakeAt <= at.place.now());
    assert.deepEqual(found!.journal, []);
    const idle = { owner: undefined, fence: 0, leaseUntil: 0, reason: undefined };
    assert.deepEqual(row, { ...saga, ...idle, status: 'ready', phase: 'forward', updatedAt: 42 });
    assert.equal(await at.store.sagas.find('unknown'), undefined);
  });

  test('a business key starts one saga of a kind, however many ask', async () => {
    await using at = await storeAtWork(open);
    const start = (id: string, kind = 'order'): Promise<string> =>
      at.store.transact((tx) => tx.sagas.insert(newSaga(id, { kind, key: 'one' })));
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => start(`s${index}`)));
    assert.deepEqual(new Set(ids), new Set(['s0']));
    assert.equal(await start('other', 'refund'), 'other');
    assert.equal((await at.store.sagas.list({ limit: 100 })).length, 2);
  });

  test('a step forward writes journal and state together and keeps what it does not name', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const lines = [
      entry('reserve', { status: 'started' }),
      entry('reserve', { output: { id: 7 } }),
      entry('charge', { status: 'failed', attempt: 2, error: { code: 'DECLINED' } }),
      entry('ship', { status: 'skipped' }),
    ];
    const set = { phase: 'backward', reason: 'declined' } as const;
    assert.equal(await at.store.sagas.advance(step(held, { entries: lines, set })), true);
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual(journal, lines);
    assert.deepEqual([saga.status, saga.phase, saga.reason, saga.updatedAt], ['running', 'backward', 'declined', 2]);
    await at.store.sagas.advance(step(held, { set: { reason: undefined } }));
    assert.equal((await at.store.sagas.find('s'))!.saga.reason, undefined);
  });

  test('the journal never holds a line twice, and the step that tries changes nothing', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await at.store.sagas.advance(step(held, { entries: [entry('reserve')] }));
    const again = step(held, { entries: [entry('charge'), entry('reserve')], set: { status: 'waiting' } });
    await assert.rejects(at.store.sagas.advance(again), { code: 'JOURNAL_CONFLICT' });
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, journal.length], ['running', 1]);
  });

  test('a lower fence writes nothing', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await at.place.advance(LEASE_MS * 2);
    const [taken] = await at.store.sagas.claim({ owner: 'other', kinds: ['order'], limit: 1, leaseMs: LEASE_MS });
    assert.equal(taken!.saga.fence, held.fence + 1);
    const late = step(held, { entries: [entry('reserve')], set: { status: 'done' } });
    assert.equal(await at.store.sagas.advance(late), false);
    assert.equal(await at.store.transact((tx) => tx.sagas.advance(late)), false);
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, saga.owner, journal.length], ['running', 'other', 0]);
  });

  test('an owner who gave its claim back writes no more', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const wait = step(held, { set: { status: 'waiting', wakeAt: at.place.now() + 1_000 }, release: true });
    assert.equal(await at.store.sagas.advance(wait), true);
    assert.equal(await at.store.sagas.advance(step(held, { set: { status: 'done' } })), false);
    const { saga } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, saga.owner, saga.leaseUntil], ['waiting', undefined, 0]);
  });

  test('a step inside a transaction commits or fails with it', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const failing = at.store.transact(async (tx) => {
      await tx.sagas.advance(step(held, { entries: [entry('reserve')], set: { status: 'done' } }));
      throw new Error('no');
    });
    await assert.rejects(failing);
    assert.equal((await at.store.sagas.find('s'))!.saga.status, 'running');
  });

  test('only a saga that is stuck can be repaired, once, and its former owner is shut out', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const skipped = entry('charge', { direction: 'compensate', status: 'skipped' });
    const repair = (): Promise<boolean> =>
      at.store.transact((tx) => tx.sagas.repair({ id: 's', entries: [skipped], set: { status: 'ready' }, at: 3 }));
    assert.equal(await repair(), false);
    await at.store.sagas.advance(step(held, { set: { status: 'stuck', reason: 'no way' } }));
    assert.equal(await repair(), true);
    assert.equal(await repair(), false);
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, saga.reason, saga.owner, journal], ['ready', 'no way', undefined, [skipped]]);
    assert.ok(saga.fence > held.fence);
    assert.equal(await at.store.sagas.advance(step(held)), false);
  });

  test('sagas are listed newest first, by kind and status', async () => {
    await using at = await storeAtWork(open);
    const stuck = await claimed(at.store, 'stuck');
    await at.store.sagas.advance(step(stuck, { set: { status: 'stuck' } }));
    const done = await claimed(at.store, 'done');
    await at.store.sagas.advance(step(done, { set: { status: 'done' } }));
    await claimed(at.store, 'running');
    await at.store.transact((tx) => tx.sagas.insert(newSaga('ready', { kind: 'refund' })));
    const list = async (of: Parameters<SuiteStore['sagas']['list']>[0]): Promise<string[]> =>
      (await at.store.sagas.list(of)).map(({ id }) => id);
    assert.deepEqual(await list({ limit: 10 }), ['ready', 'running', 'done', 'stuck']);
    assert.deepEqual(await list({ limit: 2 }), ['ready', 'running']);
    assert.deepEqual(await list({ kind: 'order', limit: 10 }), ['running', 'done', 'stuck']);
    assert.deepEqual(await list({ status: 'stuck', limit: 10 }), ['stuck']);
    assert.deepEqual(await list({ status: 'running', limit: 10 }), ['running']);
    assert.deepEqual(await list({ status: 'done', kind: 'refund', limit: 10 }), []);
    assert.deepEqual(await list({ status: 'ready', kind: 'refund', limit: 10 }), ['ready']);
  });
}
