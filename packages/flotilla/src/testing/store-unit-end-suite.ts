import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Committed, Transaction } from '../store/index.ts';
import { gate, insertItem, itemIds, newEvent, newSaga, storeAtWork, type Tables } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

/** Every door to the database that a unit was given. */
function lateUses(tx: Transaction<Tables>): (() => Promise<unknown>)[] {
  return [
    () => tx.db.insertInto('item').values({ id: 'late', amount: 0 }).execute(),
    () => tx.events.append({ events: [newEvent('late')] }),
    () => tx.idempotency.find('x', 'k'),
    () => tx.inbox.insert('consumer', 'late', 1),
    () => tx.cursors.advance({ name: 'late', from: 0, to: 1 }),
    () => tx.leases.acquire('late', 'me', 1),
    () => tx.sagas.insert(newSaga('late')),
    async () => tx.afterCommit(() => undefined),
  ];
}

export function unitEndTests({ open }: StoreSuiteOptions): void {
  for (const [how, fails] of [
    ['committed', false],
    ['failed', true],
  ] as const) {
    test(`a transaction that ${how} can not be used any more, not even while another one runs`, async () => {
      await using at = await storeAtWork(open);
      let kept: Transaction<Tables> | undefined;
      const unit = at.store.transact((tx) => {
        kept = tx;
        if (fails) throw new Error('no');
      });
      await (fails ? assert.rejects(unit) : unit);
      await at.store.transact(async () => {
        for (const use of lateUses(kept!)) await assert.rejects(use, { code: 'TRANSACTION_ENDED' });
      });
      assert.deepEqual(await itemIds(at.store), []);
    });
  }

  test('a transaction can not be used once its work is done, even if its commit is still to come', async () => {
    await using at = await storeAtWork(open);
    let kept: Transaction<Tables> | undefined;
    const worked = gate();
    const first = at.store.transact((tx) => {
      kept = tx;
      worked.open();
    });
    const second = at.store.transact(async () => {
      await worked.passed;
      for (const use of lateUses(kept!)) await assert.rejects(use, { code: 'TRANSACTION_ENDED' });
    });
    await Promise.all([first, second]);
    assert.deepEqual(await itemIds(at.store), []);
  });

  test('a unit that takes too long is rolled back, its neighbours are not, and it can write no more', async () => {
    await using at = await storeAtWork(open);
    const wrote = gate();
    const goOn = gate();
    let late: Promise<unknown> | undefined;
    const before = insertItem(at.store, 'before');
    const slow = at.store.transact(
      async (tx) => {
        await tx.db.insertInto('item').values({ id: 'slow', amount: 0 }).execute();
        wrote.open();
        await goOn.passed;
        late = tx.db.insertInto('item').values({ id: 'late', amount: 0 }).execute();
        await late;
      },
      { timeoutMs: 200 },
    );
    const after = insertItem(at.store, 'after');
    await wrote.passed;
    const [outcome] = await Promise.allSettled([slow, at.place.advance(250)]);
    assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'TRANSACTION_TIMEOUT');
    await Promise.all([before, after]);
    goOn.open();
    await goOn.passed;
    await assert.rejects(async () => late, { code: 'TRANSACTION_ENDED' });
    assert.deepEqual(await itemIds(at.store), ['after', 'before']);
  });

  test('a unit that is aborted while it runs is rolled back at once with the reason of its signal', async () => {
    await using at = await storeAtWork(open);
    const controller = new AbortController();
    const wrote = gate();
    const unit = at.store.transact(
      async (tx) => {
        await tx.db.insertInto('item').values({ id: 'a', amount: 0 }).execute();
        wrote.open();
        await new Promise(() => undefined);
      },
      { signal: controller.signal },
    );
    await wrote.passed;
    controller.abort();
    await assert.rejects(unit, { code: 'CANCELLED' });
    await insertItem(at.store, 'b');
    assert.deepEqual(await itemIds(at.store), ['b']);
  });

  test('a unit that is aborted before its turn never runs and does not wait for its turn', async () => {
    await using at = await storeAtWork(open);
    const controller = new AbortController();
    const goOn = gate();
    const first = at.store.transact(() => goOn.passed);
    let ran = false;
    const run = (): Promise<void> => at.store.transact(() => void (ran = true), { signal: controller.signal });
    const second = run();
    controller.abort();
    await assert.rejects(second, { code: 'CANCELLED' });
    await assert.rejects(run(), { code: 'CANCELLED' });
    goOn.open();
    await first;
    await insertItem(at.store, 'after');
    assert.equal(ran, false);
  });

  test('a transaction inside of a transaction is refused instead of waiting for itself', async () => {
    await using at = await storeAtWork(open);
    await at.store.transact(async (tx) => {
      await assert.rejects(insertItem(at.store, 'inner'), { code: 'NESTED_TRANSACTION' });
      await assert.rejects(() => Promise.resolve(at.store[Symbol.asyncDispose]()), { code: 'NESTED_TRANSACTION' });
      await assert.rejects(
        tx.db.transaction().execute(async () => undefined),
        { code: 'NESTED_TRANSACTION' },
      );
      await tx.db.insertInto('item').values({ id: 'outer', amount: 0 }).execute();
    });
    assert.deepEqual(await itemIds(at.store), ['outer']);
  });

  test('callbacks run in order once the commit is there, and never for a unit that failed', async () => {
    await using at = await storeAtWork(open);
    const calls: string[] = [];
    const failing = at.store.transact((tx) => {
      tx.afterCommit(() => calls.push('never'));
      throw new Error('no');
    });
    await assert.rejects(failing);
    await at.store.transact((tx) => {
      tx.afterCommit(() => {
        calls.push('first');
        throw new Error('a callback that fails');
      });
      tx.afterCommit(() => calls.push('second'));
      calls.push('work');
    });
    assert.deepEqual(calls, ['work', 'first', 'second']);
  });

  test('listeners learn what a commit touched, until they are disposed', async () => {
    await using at = await storeAtWork(open);
    const heard: Committed[] = [];
    const listening = at.store.onCommit((committed) => heard.push(committed));
    await at.store.transact((tx) => tx.events.append({ events: [newEvent('e1')] }));
    await at.store.transact((tx) => tx.sagas.insert(newSaga('s1')));
    await assert.rejects(
      at.store.transact(async (tx) => {
        await tx.events.append({ events: [newEvent('e2')] });
        throw new Error('no');
      }),
    );
    const touching = heard.filter(({ events, sagas }) => events || sagas);
    assert.deepEqual(touching, [
      { events: true, sagas: false },
      { events: false, sagas: true },
    ]);
    listening[Symbol.dispose]();
    await at.store.transact((tx) => tx.events.append({ events: [newEvent('e3')] }));
    assert.equal(heard.filter(({ events }) => events).length, 1);
  });
}
