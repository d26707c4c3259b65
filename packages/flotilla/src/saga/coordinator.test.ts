import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SagaStore } from '../store/index.ts';
import { until, withMethods } from '../testing/index.ts';
import { saga } from './index.ts';
import { declined, Order, openYard, orders, silentPort } from './test/yard.ts';

const spec = { input: Order, key: ({ id }: { id: string }) => id, contract: orders };

suite('starting', () => {
  const noop = saga('noop', spec).step('only', { run: () => 1 });

  test('fifty starts of one key at once are one saga, run once', async () => {
    await using yard = await openYard();
    let runs = 0;
    const counted = saga('counted', spec).step('only', { run: () => (runs += 1) });
    yard.coordinator([counted]);
    const ids = await Promise.all(Array.from({ length: 50 }, () => yard.start(counted, 'order-1')));
    assert.equal(new Set(ids).size, 1);
    await yard.reaches(ids[0]!, 'done');
    assert.equal(runs, 1);
    assert.equal((await yard.store.sagas.list({ limit: 100 })).length, 1);
  });

  test('input that breaks the schema starts nothing', async () => {
    await using yard = await openYard();
    await assert.rejects(yard.start(noop, 7 as unknown as string), { code: 'INVALID_INPUT' });
    assert.deepEqual(await yard.store.sagas.list({ limit: 10 }), []);
  });

  test('a saga runs at once, without a poll', async () => {
    await using yard = await openYard();
    yard.coordinator([noop]);
    const before = yard.runtime.clock.now();
    const id = await yard.start(noop, 'order-1');
    await until(async () => (await yard.store.sagas.find(id))?.saga.status === 'done');
    assert.equal(yard.runtime.clock.now(), before);
  });
});

suite('a step', () => {
  test('sees the results of earlier ones and one key over all its attempts', async () => {
    await using yard = await openYard();
    const seen: unknown[] = [];
    const two = saga('two', spec)
      .step('first', { run: () => ({ price: 7, dropped: undefined }) })
      .step('second', {
        run: ({ results, idempotencyKey, attempt, sagaId, fence }) => {
          seen.push({ price: results.first.price, idempotencyKey, attempt, sagaId, fence });
          if (attempt < 3) throw silentPort();
        },
      });
    yard.coordinator([two]);
    const id = await yard.start(two, 'order-1');
    await yard.reaches(id, 'done');
    const [{ idempotencyKey }] = seen as [{ idempotencyKey: string }];
    const attempt = (number: number): object => ({ price: 7, idempotencyKey, attempt: number, sagaId: id, fence: number });
    assert.deepEqual(seen, [1, 2, 3].map(attempt));
  });

  test('that takes too long has its signal aborted, and may have happened', async () => {
    await using yard = await openYard();
    const did: string[] = [];
    const slow = saga('slow', spec).step('wait', {
      run: ({ signal }) =>
        new Promise<never>(() => signal.addEventListener('abort', () => did.push((signal.reason as { code: string }).code))),
      compensate: async () => void did.push('undone'),
      timeout: '2s',
      retry: { attempts: 1 },
    });
    yard.coordinator([slow]);
    const row = await yard.reaches(await yard.start(slow, 'order-1'), 'compensated');
    assert.deepEqual(did, ['STEP_TIMEOUT', 'undone']);
    assert.equal(row.reason, 'wait: STEP_TIMEOUT: Step wait took longer than 2000 ms.');
  });

  test('commits its own writes with its result, and what it undid with that', async () => {
    await using yard = await openYard();
    const trip = saga('trip', spec)
      .step('book', {
        run: () => 'booked',
        commit: (output, { emit }, { input }) => emit('Noted', { id: input.id, what: output }),
        compensate: () => Promise.resolve(),
        undone: ({ emit }, { input, results }) => emit('Noted', { id: input.id, what: `no longer ${String(results.book)}` }),
      })
      .step('pay', { run: () => Promise.reject(declined()) })
      .compensated(({ emit }, { input, reason }) =>
        emit('Noted', { id: input.id, what: `cancelled: ${reason.step} ${reason.code}` }),
      );
    yard.coordinator([trip]);
    await yard.reaches(await yard.start(trip, 'order-1'), 'compensated');
    assert.deepEqual(await yard.notes(), ['booked', 'no longer booked', 'cancelled: pay DECLINED']);
  });

  test('whose own writes are refused is undone: its effect has happened', async () => {
    await using yard = await openYard();
    const did: string[] = [];
    const refused = saga('refused', spec).step('book', {
      run: () => void did.push('done'),
      commit: (_, { emit }, { input }) => {
        emit('Noted', { id: input.id, what: 'never' });
        throw declined();
      },
      compensate: async () => void did.push('undone'),
    });
    yard.coordinator([refused]);
    const row = await yard.reaches(await yard.start(refused, 'order-1'), 'compensated');
    assert.deepEqual(did, ['done', 'undone']);
    assert.equal(row.reason, 'book: DECLINED: No.');
    assert.deepEqual(await yard.notes(), []);
  });

  test('whose own writes stumble runs again', async () => {
    await using yard = await openYard();
    let stumbles = 0;
    const stumbling = saga('stumbling', spec)
      .step('book', {
        run: () => 'booked',
        commit: (output, { emit }, { input }) => {
          if (++stumbles === 1) throw new Error('a surprise');
          emit('Noted', { id: input.id, what: output });
        },
      })
      .done(({ emit }, { input, results }) => emit('Noted', { id: input.id, what: `all ${results.book}` }));
    yard.coordinator([stumbling]);
    await yard.reaches(await yard.start(stumbling, 'order-1'), 'done');
    assert.deepEqual(await yard.notes(), ['booked', 'all booked']);
  });
});

suite('several coordinators on one database', () => {
  test('share the work and double none of it', async () => {
    await using yard = await openYard();
    const did = new Map<string, number>();
    const count = (what: string): void => void did.set(what, (did.get(what) ?? 0) + 1);
    const shared = saga('shared', spec)
      .step('a', { run: ({ input, fence }) => count(`${input.id} a ${fence}`) })
      .step('b', { run: ({ input, fence }) => count(`${input.id} b ${fence}`) });
    const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => yard.start(shared, `order-${n}`)));
    for (const owner of ['one', 'two', 'three']) yard.coordinator([shared], { owner, concurrency: 4 });
    for (const id of ids) await yard.reaches(id, 'done');
    assert.equal(did.size, 80);
    assert.deepEqual([...new Set(did.values())], [1]);
  });

  test('leave a saga alone while its owner renews the lease', async () => {
    await using yard = await openYard();
    let attempts = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const long = saga('long', spec).step('wait', { run: () => ((attempts += 1), promise), timeout: '1h' });
    const leaseMs = 3_000;
    yard.coordinator([long], { leaseMs });
    yard.coordinator([long], { leaseMs });
    const id = await yard.start(long, 'order-1');
    await yard.runtime.clock.advance(20_000);
    resolve();
    await yard.reaches(id, 'done');
    assert.equal(attempts, 1);
  });

  test('abort the signal of a step whose saga they lost, and drop its result', async () => {
    await using yard = await openYard();
    const reasons: string[] = [];
    const { sagas } = yard.store;
    const long = saga('long', spec).step('wait', {
      run: ({ signal, attempt }) =>
        attempt > 1 ||
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as { code: string }).code);
            resolve('from the lost one');
          }),
        ),
      timeout: '1h',
    });
    const store = withMethods(yard.store, { sagas: forgetting(sagas) });
    yard.coordinator([long], { store, leaseMs: 3_000, owner: 'forgets its leases' });
    const id = await yard.start(long, 'order-1');
    await until(async () => (await sagas.find(id))!.journal.length === 1);
    await yard.runtime.clock.advance(2_000);
    assert.deepEqual(reasons, ['SAGA_LOST']);
    yard.coordinator([long]);
    await yard.reaches(id, 'done');
    const journal = (await sagas.find(id))!.journal.map(({ attempt, status, output }) => [attempt, status, output]);
    assert.deepEqual(journal.at(-1), [2, 'ok', true]);
  });

  /** Claims once, and never renews. */
  function forgetting(sagas: SagaStore): SagaStore {
    let hasClaimed = false;
    return withMethods(sagas, {
      claim: async (options) => {
        const claimed = hasClaimed ? [] : await sagas.claim(options);
        hasClaimed ||= claimed.length > 0;
        return claimed;
      },
      renew: () => Promise.resolve([]),
    });
  }
});

suite('room', () => {
  test('no more sagas are in flight than there is room for, and all come to their turn', async () => {
    await using yard = await openYard();
    let inFlight = 0;
    let most = 0;
    const crowd = saga('crowd', spec).step('pass', {
      run: async () => {
        most = Math.max(most, ++inFlight);
        await yard.store.events.head();
        inFlight -= 1;
      },
    });
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => yard.start(crowd, `order-${n}`)));
    yard.coordinator([crowd], { concurrency: 3 });
    for (const id of ids) await yard.reaches(id, 'done');
    assert.ok(most <= 3, `${most} in flight`);
  });
});

suite('stopping', () => {
  test('lets a running step finish and hands the saga on at once', async () => {
    await using yard = await openYard();
    const did: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const two = saga('two', spec)
      .step('first', { run: async () => (did.push('first'), await promise) })
      .step('second', { run: () => void did.push('second') });
    const leaving = yard.coordinator([two]);
    const id = await yard.start(two, 'order-1');
    await until(() => did.length === 1);
    const stopped = leaving.stop();
    resolve();
    await stopped;
    const row = (await yard.store.sagas.find(id))!.saga;
    assert.deepEqual([row.status, row.owner, did], ['ready', undefined, ['first']]);

    const now = yard.runtime.clock.now();
    yard.coordinator([two]);
    await until(async () => (await yard.store.sagas.find(id))?.saga.status === 'done');
    assert.deepEqual([did, yard.runtime.clock.now()], [['first', 'second'], now]);
  });

  test('cuts short what outlasts the grace, and leaves no timer behind', async () => {
    await using yard = await openYard();
    let aborted = false;
    const endless = saga('endless', spec).step('wait', {
      run: ({ signal }) => new Promise<never>(() => signal.addEventListener('abort', () => (aborted = true))),
      timeout: '1h',
    });
    const leaving = yard.coordinator([endless]);
    const id = await yard.start(endless, 'order-1');
    await until(async () => (await yard.store.sagas.find(id))!.journal.length === 1);
    const stopped = leaving.stop({ graceMs: 5_000 });
    await yard.runtime.clock.advance(4_999);
    assert.equal(aborted, false);
    await yard.runtime.clock.advance(1);
    await stopped;
    const row = (await yard.store.sagas.find(id))!.saga;
    assert.deepEqual([aborted, row.owner, yard.runtime.clock.pending], [true, undefined, 0]);
  });
});
