import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from '../store/index.ts';
import { claim, claimed, insertSaga, LEASE_MS, step } from './store-saga-suite-place.ts';
import { newSaga, storeAtWork, type SuiteStore } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

function entry(step: string, set: Partial<JournalEntry> = {}): JournalEntry {
  return { step, direction: 'run', attempt: 1, status: 'ok', at: 1, ...set };
}

export function sagaTests({ open }: StoreSuiteOptions): void {
  test('a saga is ready at once and comes back as it was started', async () => {
    await using at = await storeAtWork(open);
    const saga = newSaga('s', { input: { lines: [1, null, 'ü'] }, meta: { traceparent: 't' }, at: 42 });
    assert.deepEqual(await at.store.transact((tx) => tx.sagas.insert(saga)), { id: 's', leaseUntil: undefined });
    const found = await at.store.sagas.find('s');
    const { wakeAt, ...row } = found!.saga;
    assert.ok(wakeAt <= at.place.now());
    assert.deepEqual([found!.journal, found!.signals], [[], []]);
    const idle = {
      parent: undefined,
      awaits: undefined,
      paused: false,
      owner: undefined,
      fence: 0,
      leaseUntil: 0,
      reason: undefined,
    };
    assert.deepEqual(row, { ...saga, ...idle, status: 'ready', phase: 'forward', updatedAt: 42 });
    assert.equal(await at.store.sagas.find('unknown'), undefined);
  });

  test('a business key starts one saga of a kind, however many ask', async () => {
    await using at = await storeAtWork(open);
    const start = async (id: string, kind = 'order'): Promise<string> =>
      (await insertSaga(at.store, id, { kind, key: 'one' })).id;
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => start(`s${index}`)));
    assert.equal(new Set(ids).size, 1);
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
    const written = step(held, { journal: { after: 0, entries: lines }, set });
    assert.equal(await at.store.sagas.advance(written), true);
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual(journal, lines);
    assert.deepEqual([saga.status, saga.phase, saga.reason, saga.updatedAt], ['running', 'backward', 'declined', 2]);
    await at.store.sagas.advance(step(held, { set: { reason: undefined } }));
    assert.equal((await at.store.sagas.find('s'))!.saga.reason, undefined);
  });

  test('a step forward may tell the journal alone', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const before = (await at.store.sagas.find('s'))!.saga;
    const told = step(held, { journal: { after: 0, entries: [entry('reserve')] } });
    assert.equal(await at.store.sagas.advance(told), true);
    assert.deepEqual(await at.store.sagas.find('s'), { saga: before, journal: [entry('reserve')], signals: [] });
  });

  test('the journal goes on where its writer believes it does, or the step changes nothing', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const lines = [entry('reserve'), entry('charge')];
    await at.store.sagas.advance(step(held, { journal: { after: 0, entries: lines } }));
    for (const after of [0, 1, 3]) {
      const again = step(held, { journal: { after, entries: [entry('ship')] }, set: { status: 'waiting' } });
      await assert.rejects(at.store.sagas.advance(again), { code: 'JOURNAL_CONFLICT' });
    }
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, journal.length], ['running', 2]);
    assert.equal(await at.store.sagas.advance(step(held, { journal: { after: 2, entries: [entry('ship')] } })), true);
    const steps = (await at.store.sagas.find('s'))!.journal.map((line) => line.step);
    assert.deepEqual(steps, ['reserve', 'charge', 'ship']);
  });

  test('a lower fence writes nothing', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await at.place.advance(LEASE_MS * 2);
    const [taken] = await claim(at.store, 'other');
    assert.equal(taken!.saga.fence, held.fence + 1);
    const journal = { after: 0, entries: [entry('reserve')] };
    for (const late of [step(held, { journal, set: { status: 'done' } }), step(held, { journal })]) {
      assert.equal(await at.store.sagas.advance(late), false);
      assert.equal(await at.store.transact((tx) => tx.sagas.advance(late)), false);
    }
    const found = (await at.store.sagas.find('s'))!;
    assert.deepEqual([found.saga.status, found.saga.owner, found.journal], ['running', 'other', []]);
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
      await tx.sagas.advance(step(held, { journal: { after: 0, entries: [entry('reserve')] }, set: { status: 'done' } }));
      throw new Error('no');
    });
    await assert.rejects(failing);
    assert.equal((await at.store.sagas.find('s'))!.saga.status, 'running');
  });

  test('an intervention changes a saga whoever holds it, and shuts that owner out', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    const skipped = entry('charge', { status: 'skipped' });
    const intervene = (id: string, after: number): Promise<boolean> =>
      at.store.transact((tx) =>
        tx.sagas.intervene({ id, journal: { after, entries: [skipped] }, set: { status: 'ready', reason: 'ada' }, at: 3 }),
      );
    assert.equal(await intervene('unknown', 0), false);
    assert.equal(await intervene('s', 0), true);
    await assert.rejects(intervene('s', 0), { code: 'JOURNAL_CONFLICT' });
    const { saga, journal } = (await at.store.sagas.find('s'))!;
    assert.deepEqual([saga.status, saga.reason, saga.owner, journal], ['ready', 'ada', undefined, [skipped]]);
    assert.ok(saga.fence > held.fence);
    assert.equal(await at.store.sagas.advance(step(held, { set: {} })), false);
    assert.equal((await claim(at.store, 'other')).length, 1);
  });

  test('a unit sees a saga as it is, with what it wrote itself', async () => {
    await using at = await storeAtWork(open);
    const held = await claimed(at.store, 's');
    await at.store.transact(async (tx) => {
      await tx.sagas.advance(step(held, { journal: { after: 0, entries: [entry('reserve')] } }));
      assert.deepEqual((await tx.sagas.find('s'))!.journal, [entry('reserve')]);
      assert.equal(await tx.sagas.find('unknown'), undefined);
    });
  });

  test('acts of several people on one saga happen one after the other', async () => {
    await using at = await storeAtWork(open);
    await claimed(at.store, 's');
    const act = (): Promise<void> =>
      at.store.transact(async (tx) => {
        const { journal } = (await tx.sagas.find('s'))!;
        const line = entry('charge', { attempt: journal.length + 1 });
        await tx.sagas.intervene({ id: 's', journal: { after: journal.length, entries: [line] }, set: {}, at: 3 });
      });
    await Promise.all(Array.from({ length: 10 }, act));
    const attempts = (await at.store.sagas.find('s'))!.journal.map(({ attempt }) => attempt);
    assert.deepEqual(
      attempts,
      Array.from({ length: 10 }, (_, index) => index + 1),
    );
  });

  test('a saga knows who waits for its end, and what was in its journal from the beginning', async () => {
    await using at = await storeAtWork(open);
    const parent = { id: 'p', kind: 'order', key: 'key-p', step: 'refund' };
    const saga = newSaga('s', { parent, journal: [entry('reserve', { output: { id: 7 } })] });
    await at.store.sagas.insert(saga);
    const found = (await at.store.sagas.find('s'))!;
    assert.deepEqual([found.saga.parent, found.journal], [parent, saga.journal]);
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
    assert.deepEqual(await list({ correlationId: 'c-done', limit: 10 }), ['done']);
    assert.deepEqual(await list({ correlationId: 'c-done', status: 'ready', limit: 10 }), []);
    await at.store.transact((tx) => tx.sagas.pause({ id: 'ready' }));
    assert.deepEqual(await list({ paused: true, limit: 10 }), ['ready']);
    assert.deepEqual(await list({ paused: false, limit: 10 }), ['running', 'done', 'stuck']);
    assert.deepEqual(await list({ status: 'ready', limit: 10 }), ['ready']);
  });
}
