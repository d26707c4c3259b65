import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FlotillaError } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { seededRandom, until, withMethods } from '../testing/index.ts';
import { account, balances, bankAtWork, deposited, open, shadow } from './test/bank.ts';

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

test('a caller that has caught up reads its own writes', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  for (let round = 1; round <= 30; round++) {
    await here.deposit('a', 1);
    await process.models.caughtUp(balances(), open());
    assert.deepEqual(await here.amounts(), { a: round });
  }
});

test('only events of the aggregate count, even if another has events of the same name', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  await here.append(shadow, 'a', [deposited(5), deposited(5)]);
  await here.deposit('a', 1);
  await process.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 1 });
});

test('catching up costs nothing when there is nothing to wait for, whatever else is in the log', async () => {
  await using here = await bankAtWork();
  let units = 0;
  const counted = withMethods(here.store, {
    transact: (work, options) => {
      units += 1;
      return here.store.transact(work, options);
    },
  });
  await using process = await here.process(balances(), counted);
  await here.deposit('a', 1);
  await process.models.caughtUp(balances(), open());
  await until(() => here.clock.pending === 2); // one to look for events, one to look for builds
  units = 0;
  await process.models.caughtUp(balances(), open());
  await here.store.events.append({ events: [foreignEvent] });
  await process.models.caughtUp(balances(), open());
  assert.equal(units, 0);
});

const foreignEvent = { type: 'Other', schemaVersion: 1, id: 'other-1', data: null, meta: { correlationId: 'c' }, at: 0 };

test('catching up works while another process keeps the read model, and while nobody does it ends with its signal', async () => {
  await using here = await bankAtWork();
  const dying = await here.process();
  await dying[Symbol.asyncDispose]();
  await here.deposit('a', 1);
  const stop = new AbortController();
  const inVain = assert.rejects(dying.models.caughtUp(balances(), stop.signal), { code: 'CANCELLED' });
  await here.clock.advance(1_000);
  stop.abort();
  await inVain;

  await using keeper = await here.process();
  let caughtUp = false;
  const waiting = dying.models.caughtUp(balances(), open()).then(() => (caughtUp = true));
  await until(async () => {
    await here.clock.advance(10);
    return caughtUp;
  });
  await waiting;
  await keeper.models.caughtUp(balances(), open());
  assert.deepEqual(await here.amounts(), { a: 1 });
});

test('waiting for the position of a change shows that change, and what came later need not be there', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  const position = await here.deposit('a', 5);
  await process.models.waitFor(balances(), { position }, open());
  assert.deepEqual(await here.amounts(), { a: 5 });
  // Nobody has such a position yet: it is waited for.
  const later = process.models.waitFor(balances(), { position: position + 1 }, open());
  await here.deposit('a', 1);
  await caughtUpWithin(here, later);
  assert.deepEqual(await here.amounts(), { a: 6 });
});

test('waiting for a position ends with its time', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  const inVain = process.models.waitFor(balances(), { position: 7, timeoutMs: 300 }, open());
  const refused = assert.rejects(inVain, { code: 'READ_MODEL_BEHIND', message: /position 7 within 300 ms/ });
  await here.clock.advance(300);
  await refused;
});

test('a batch whose commit was made but not confirmed is not applied again', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    await using here = await bankAtWork();
    await here.deposit('a', ...ones(1_200));
    const random = seededRandom(seed);
    let prepared = false;
    const transact: Store['transact'] = async (work, options) => {
      const result = await here.store.transact(work, options);
      if (prepared && random.next() < 0.4) {
        throw new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'no answer' });
      }
      return result;
    };
    await using _process = await here.process(balances(), withMethods(here.store, { transact }));
    prepared = true;
    await until(async () => {
      await here.clock.advance(100);
      return (await here.amounts())['a'] === 1_200;
    });
    assert.deepEqual(await here.rows(), [{ id: 'a', amount: 1_200, version: 1_200, open: 1 }]);
  }
});

test('a process that dies between batches is followed by one that goes on where it stood', async () => {
  await using here = await bankAtWork();
  await here.deposit('a', ...ones(1_200));
  const dying = await here.process();
  await until(async () => ((await here.amounts())['a'] ?? 0) >= 500);
  await dying[Symbol.asyncDispose]();
  await using next = await here.process();
  await next.models.caughtUp(balances(), open());
  assert.deepEqual(await here.rows(), [{ id: 'a', amount: 1_200, version: 1_200, open: 1 }]);
});

test('of two processes that want to keep a read model up each event is applied by one', async () => {
  await using here = await bankAtWork();
  await using first = await here.process();
  await using second = await here.process();
  for (let round = 0; round < 20; round += 1) {
    await here.deposit('a', 1, 1);
    await here.clock.advance(700);
  }
  await Promise.all([first, second].map(({ models }) => caughtUpWithin(here, models.caughtUp(balances(), open()))));
  assert.deepEqual(await here.rows(), [{ id: 'a', amount: 40, version: 40, open: 1 }]);
});

async function caughtUpWithin({ clock }: { clock: { advance(ms: number): Promise<void> } }, waiting: Promise<void>) {
  let done = false;
  void waiting.then(() => (done = true));
  await until(async () => {
    await clock.advance(100);
    return done;
  });
}

test('polling alone keeps the read model up when no wake-up arrives', async () => {
  await using here = await bankAtWork();
  const deaf = withMethods(here.store, { onCommit: () => ({ [Symbol.dispose]: () => undefined }) });
  await using _process = await here.process(balances(), deaf);
  for (let round = 1; round <= 3; round++) {
    await here.deposit('a', 1);
    await here.clock.advance(6_000);
    await until(async () => (await here.amounts())['a'] === round);
  }
});

test('a read model that nobody lists can not be waited for', async () => {
  await using here = await bankAtWork();
  await using process = await here.process();
  const other = { ...balances(), name: 'other' };
  await assert.rejects(process.models.caughtUp(other, open()), { code: 'UNKNOWN_PROJECTION' });
  await assert.rejects(process.models.rebuild('other'), { code: 'UNKNOWN_PROJECTION' });
});

test('closing leaves no timer', async () => {
  await using here = await bankAtWork();
  const process = await here.process();
  await here.deposit('a', 1);
  await process.models.caughtUp(balances(), open());
  await process[Symbol.asyncDispose]();
  await until(() => here.clock.pending === 0);
});

test('the read model is the fold of the log, whatever happens and whoever keeps it up', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ id: fc.constantFrom('a', 'b', 'c'), amounts: fc.array(fc.nat(9), { maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.constant('close' as const) },
    { weight: 2, arbitrary: fc.constant('crash' as const) },
    { weight: 1, arbitrary: fc.constant('rebuild' as const) },
    { weight: 1, arbitrary: fc.constant('upgrade' as const) },
    { weight: 1, arbitrary: fc.constant('catch up' as const) },
    { weight: 1, arbitrary: fc.constant('let time pass' as const) },
  );
  const history = fc.array(step, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(history, fc.constantFrom(undefined, 'inline' as const), async (steps, mode) => {
      await using here = await bankAtWork();
      let version = 1;
      const code = () => balances({ version, ...(mode && { mode }) });
      let process = await here.process(code());
      const restart = async (): Promise<void> => {
        await process[Symbol.asyncDispose]();
        process = await here.process(code());
      };
      for (const one of steps) {
        if (one === 'close') await here.append(account, 'x', []);
        else if (one === 'catch up') await caughtUpWithin(here, process.models.caughtUp(code(), open()));
        else if (one === 'rebuild') await process.models.rebuild('balances').catch(isRunning);
        else if (one === 'let time pass') await here.clock.advance(100_000);
        else if (one === 'crash') await restart();
        else if (one === 'upgrade') {
          version += 1;
          await restart();
        } else {
          await process.deposit(one.id, ...one.amounts);
          await here.append(shadow, one.id, one.amounts.map(deposited));
        }
      }
      await until(async () => {
        await here.clock.advance(1_000);
        return (await here.statuses()).every((status) => !status.endsWith('building'));
      });
      await caughtUpWithin(here, process.models.caughtUp(code(), open()));
      assert.deepEqual(await here.amounts(), await here.foldOfLog());
      await process[Symbol.asyncDispose]();
      await until(() => here.clock.pending === 0);
    }),
    { numRuns: 40 },
  );
});

function isRunning(error: unknown): void {
  assert.equal((error as FlotillaError).code, 'REBUILD_RUNS');
}
