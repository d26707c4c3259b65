import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { aggregate, openUnit } from '../log/index.ts';
import { database, type Store } from '../store/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, openTemporaryStore, seededRandom, until, withMethods } from '../testing/index.ts';
import { createProjector, projection, type Projector } from './index.ts';

type AccountEvent = { type: 'Deposited'; data: { amount: number } } | { type: 'Closed'; data: null };
const account = aggregate<number, AccountEvent>('account', { initial: 0, evolve: (sum) => sum });
const shadow = aggregate<number, AccountEvent>('shadow', { initial: 0, evolve: (sum) => sum });
const bank = contract('bank', { version: '1.0.0', team: 'money' });

interface Tables {
  balances: { id: string; amount: number; version: number; open: number };
}
const tables = database<Tables>({
  '001 balances': async (db) => {
    const table = db.schema.createTable('balances').addColumn('id', 'text', (id) => id.primaryKey());
    await table.addColumn('amount', 'integer').addColumn('version', 'integer').addColumn('open', 'integer').execute();
  },
});

/** A read model that would show an event applied twice, left out or out of order. */
function balances({ version = 1, before = (_amount: number): unknown => undefined } = {}) {
  const next = async (db: Kysely<Tables>, { aggregateId: id, version }: { aggregateId: string; version: number }) => {
    const row = (await db.selectFrom('balances').selectAll().where('id', '=', id).executeTakeFirst()) ?? {
      id,
      amount: 0,
      version: 0,
    };
    assert.equal(version, row.version + 1);
    return { ...row, version };
  };
  return projection<Tables, number, AccountEvent>('balances', {
    version,
    of: account,
    database: tables,
    on: {
      Deposited: async (event, { db }) => {
        await before(event.data.amount);
        const row = await next(db, event);
        await db
          .replaceInto('balances')
          .values({ ...row, amount: row.amount + event.data.amount, open: 1 })
          .execute();
      },
      Closed: async (event, { db }) => {
        const row = await next(db, event);
        await db
          .replaceInto('balances')
          .values({ ...row, open: 0 })
          .execute();
      },
    },
  });
}

async function world() {
  const runtime = createFakeRuntime();
  const { store, ...temporary } = await openTemporaryStore({ service: 'bank', database: tables, runtime });
  const append = (of: typeof account, id: string, events: readonly AccountEvent[]) =>
    store.transact(async (tx) => {
      const { unit, flush } = openUnit({ tx, contract: bank, runtime, origin: { correlationId: 'c' } });
      await unit.change(of, id, () => events);
      await flush();
    });
  return {
    ...temporary,
    store: store as Store,
    clock: runtime.clock,
    append,
    deposit: (id: string, ...amounts: number[]) => append(account, id, amounts.map(deposited)),
    projector: (owner = 'a', { of = balances(), on = store as Store } = {}): Projector =>
      createProjector({ store: on, projection: of, runtime, log: silentLogger, owner }),
    amounts: async () => {
      const rows = await store.reader.selectFrom('balances').select(['id', 'amount']).orderBy('id').execute();
      return Object.fromEntries(rows.map(({ id, amount }) => [id, amount]));
    },
    clear: () => store.transact((tx) => tx.db.deleteFrom('balances').execute()),
    rows: () => store.reader.selectFrom('balances').selectAll().orderBy('id').execute(),
  };
}

const deposited = (amount: number): AccountEvent => ({ type: 'Deposited', data: { amount } });
const open = (): AbortSignal => new AbortController().signal;

test('a caller that has caught up reads its own writes', async () => {
  await using here = await world();
  await using projector = here.projector();
  projector.start();
  for (let round = 1; round <= 30; round++) {
    await here.deposit('a', 1);
    await projector.caughtUp(open());
    assert.deepEqual(await here.amounts(), { a: round });
  }
});

test('only events of the aggregate count, even if another has events of the same name', async () => {
  await using here = await world();
  await using projector = here.projector();
  projector.start();
  await here.append(shadow, 'a', [deposited(5), deposited(5)]);
  await here.deposit('a', 1);
  await projector.caughtUp(open());
  assert.deepEqual(await here.amounts(), { a: 1 });
});

test('catching up costs nothing when there is nothing to wait for, whatever else is in the log', async () => {
  await using here = await world();
  let units = 0;
  const counted = withMethods(here.store, {
    transact: (work, options) => {
      units += 1;
      return here.store.transact(work, options);
    },
  });
  await using projector = here.projector('a', { on: counted });
  projector.start();
  await here.deposit('a', 1);
  await projector.caughtUp(open());
  await until(() => here.clock.pending === 1);
  units = 0;
  await projector.caughtUp(open());
  await here.store.transact((tx) => tx.events.append({ events: [foreignEvent] }));
  await projector.caughtUp(open());
  assert.equal(units, 0);
});

const foreignEvent = { type: 'Other', schemaVersion: 1, id: 'other-1', data: null, meta: { correlationId: 'c' }, at: 0 };

test('catching up works while another process keeps the read model, and while nobody does it ends with its signal', async () => {
  await using here = await world();
  await using keeper = here.projector('keeper');
  await using idle = here.projector('idle');
  await here.deposit('a', 1);
  const stop = new AbortController();
  const inVain = assert.rejects(idle.caughtUp(stop.signal), { code: 'CANCELLED' });
  await here.clock.advance(1_000);
  stop.abort();
  await inVain;

  keeper.start();
  let caughtUp = false;
  const waiting = idle.caughtUp(open()).then(() => (caughtUp = true));
  await until(async () => {
    await here.clock.advance(10);
    return caughtUp;
  });
  await waiting;
  assert.deepEqual(await here.amounts(), { a: 1 });
});

test('a batch whose commit was made but not confirmed is not applied again', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    await using here = await world();
    await here.deposit('a', ...Array.from({ length: 1_200 }, () => 1));
    const random = seededRandom(seed);
    const transact: Store['transact'] = async (work, options) => {
      const result = await here.store.transact(work, options);
      if (random.next() < 0.4) throw new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'no answer' });
      return result;
    };
    await using projector = here.projector('a', { on: withMethods(here.store, { transact }) });
    projector.start();
    await until(async () => {
      await here.clock.advance(100);
      return (await here.amounts())['a'] === 1_200;
    });
    assert.deepEqual(await here.rows(), [{ id: 'a', amount: 1_200, version: 1_200, open: 1 }]);
  }
});

test('a projector that dies between batches is followed by one that goes on where it stood', async () => {
  await using here = await world();
  await here.deposit('a', ...Array.from({ length: 1_200 }, () => 1));
  const dying = here.projector('a');
  dying.start();
  await until(async () => ((await here.amounts())['a'] ?? 0) >= 500);
  await dying[Symbol.asyncDispose]();
  await using next = here.projector('b');
  next.start();
  await next.caughtUp(open());
  assert.deepEqual(await here.rows(), [{ id: 'a', amount: 1_200, version: 1_200, open: 1 }]);
});

test('an event that fails a few times is applied in the end', async () => {
  await using here = await world();
  let left = 3;
  const flaky = balances({ before: (amount) => assert.ok(amount !== 2 || (left -= 1) < 0, 'not yet') });
  await using projector = here.projector('a', { of: flaky });
  projector.start();
  await here.deposit('a', 1, 2, 3);
  await until(async () => {
    await here.clock.advance(100);
    return (await here.amounts())['a'] === 6;
  });
  await until(() => projector.health().status === 'UP');
});

test('an event that can not be applied stops the projector before it; the next start goes on from there', async () => {
  await using here = await world();
  const poisoned = balances({ before: (amount) => assert.notEqual(amount, 666, 'the devil is in it') });
  await using projector = here.projector('a', { of: poisoned });
  projector.start();
  await here.deposit('a', 1, 2, 666, 4);
  await until(async () => {
    await here.clock.advance(100);
    return projector.health().status === 'DOWN';
  });
  assert.match(projector.health().reason!, /balances v1 can't apply Deposited of account:a at position 3: the devil is in it/);
  assert.deepEqual(await here.amounts(), { a: 3 });
  await assert.rejects(projector.caughtUp(open()), { code: 'PROJECTION_DOWN', kind: 'unavailable' });
  assert.equal(here.clock.pending, 0);

  await using mended = here.projector('a');
  mended.start();
  await mended.caughtUp(open());
  assert.deepEqual(await here.amounts(), { a: 673 });
});

test('polling alone keeps the read model up when no wake-up arrives', async () => {
  await using here = await world();
  const deaf = withMethods(here.store, { onCommit: () => ({ [Symbol.dispose]: () => undefined }) });
  await using projector = here.projector('a', { on: deaf });
  projector.start();
  for (let round = 1; round <= 3; round++) {
    await here.deposit('a', 1);
    await here.clock.advance(6_000);
    await until(async () => (await here.amounts())['a'] === round);
  }
});

test('a new version starts from the beginning of the log', async () => {
  await using here = await world();
  await here.deposit('a', 1, 2);
  for (const version of [1, 2]) {
    await here.store.transact((tx) =>
      (tx as never as { db: import('kysely').Kysely<Tables> }).db.deleteFrom('balances').execute(),
    );
    await using projector = here.projector('a', { of: balances({ version }) });
    projector.start();
    await projector.caughtUp(open());
    assert.deepEqual(await here.amounts(), { a: 3 });
  }
});

test('the read model is the fold of the log, whatever happens and whoever keeps it up', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ id: fc.constantFrom('a', 'b', 'c'), amounts: fc.array(fc.nat(9), { maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.constant('close' as const) },
    { weight: 2, arbitrary: fc.constant('crash' as const) },
    { weight: 1, arbitrary: fc.constant('catch up' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using here = await world();
      let projector = here.projector('owner 0');
      projector.start();
      for (const [index, one] of steps.entries()) {
        if (one === 'close') await here.append(account, 'a', [{ type: 'Closed', data: null }]);
        else if (one === 'catch up') await projector.caughtUp(open());
        else if (one === 'crash') {
          await projector[Symbol.asyncDispose]();
          projector = here.projector(`owner ${index}`);
          projector.start();
        } else {
          await here.deposit(one.id, ...one.amounts);
          await here.append(shadow, one.id, one.amounts.map(deposited));
        }
      }
      await projector.caughtUp(open());
      await projector[Symbol.asyncDispose]();
      assert.equal(here.clock.pending, 0);
      assert.deepEqual(await here.amounts(), await foldOfLog(here.store));
    }),
    { numRuns: 25 },
  );
});

async function foldOfLog(store: Store): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { stream, type, data } of await store.events.read({ after: 0, limit: 10_000 })) {
    if (!stream?.startsWith('account:')) continue;
    const id = stream.slice('account:'.length);
    sums[id] = (sums[id] ?? 0) + (type === 'Deposited' ? (data as { amount: number }).amount : 0);
  }
  return sums;
}
