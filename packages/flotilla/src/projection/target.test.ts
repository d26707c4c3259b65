import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { seededRandom, until, withMethods } from '../testing/index.ts';
import { type Projection, projection } from './index.ts';
import { account, bankAtWork, open } from './test/bank.ts';
import { type LedgerTarget, ledgerTarget } from './test/ledger-target.ts';

async function bankWithLedger() {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-ledger-'));
  scope.defer(() => rm(folder, { recursive: true }));
  const ledger = scope.use(ledgerTarget(join(folder, 'ledger.db')));
  const here = scope.use(await bankAtWork());
  const owned = scope.move();
  return { ...here, ledger, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const sums = (target: LedgerTarget, version = 1): Projection => projection('sums', { version, of: account, target });

test('a read model elsewhere is kept up like one at home', async () => {
  await using here = await bankWithLedger();
  await using process = await here.process(sums(here.ledger));
  await here.deposit('a', 1, 2);
  await here.deposit('b', 5);
  await process.models.caughtUp(sums(here.ledger), open());
  assert.deepEqual(here.ledger.sums(), { a: 3, b: 5 });
});

test('each event counts once there, whatever is lost on the way', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    await using here = await bankWithLedger();
    await here.deposit('a', ...Array.from({ length: 1_700 }, () => 1));
    const random = seededRandom(seed);
    const fail = (): void => {
      if (random.next() < 0.4) throw new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: 'no answer' });
    };
    const flaky = withMethods(here.ledger, {
      write: async (events, move) => {
        fail();
        const written = await here.ledger.write(events, move);
        fail();
        return written;
      },
    });
    await using _process = await here.process(sums(flaky));
    await until(async () => {
      await here.clock.advance(100);
      return here.ledger.sums()['a'] === 1_700;
    });
    assert.equal(await here.ledger.position(1), await here.store.events.head());
  }
});

test('a process that lost its turn without knowing writes nothing', async () => {
  await using here = await bankWithLedger();
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  let asleep = false;
  const store = withMethods(here.store, {
    transact: async (work, options) => {
      if (asleep) await awake;
      return await here.store.transact(work, options);
    },
  });
  const write: LedgerTarget['write'] = async (events, move) => {
    asleep = true;
    await awake;
    return await here.ledger.write(events, move);
  };
  await here.deposit('a', 1, 2);
  await using _zombie = await here.process(sums(withMethods(here.ledger, { write })), store);
  await until(() => asleep);
  // It stands still for longer than its lease, and somebody else does the work.
  await using next = await here.process(sums(here.ledger));
  await until(async () => {
    await here.clock.advance(1_000);
    return here.ledger.builds().length === 1;
  });
  wake();
  await here.deposit('a', 4);
  await until(async () => {
    await here.clock.advance(1_000);
    return (await here.ledger.position(1)) === (await here.store.events.head());
  });
  await next.models.caughtUp(sums(here.ledger), open());
  assert.deepEqual(here.ledger.sums(), { a: 7 });
});

test('a rebuild fills anew beside what is in use, takes its place, and leaves nothing behind', async () => {
  await using here = await bankWithLedger();
  await using process = await here.process(sums(here.ledger));
  await here.deposit('a', 1, 2);
  await process.models.caughtUp(sums(here.ledger), open());
  await process.models.rebuild('sums');
  await until(async () => {
    await here.clock.advance(1_000);
    return (await here.statuses()).includes('v1 retired');
  });
  assert.deepEqual([here.ledger.sums(), here.ledger.builds()], [{ a: 3 }, [1, 2]]);
  await until(async () => {
    await here.clock.advance(10_000);
    return here.ledger.builds().length === 1;
  });
  assert.deepEqual([here.ledger.sums(), here.ledger.builds()], [{ a: 3 }, [2]]);
});

test('a target that stands beyond the end of the log stops its projection: the log was restored, the target was not', async () => {
  await using here = await bankWithLedger();
  await here.ledger.write([], { build: 1, from: 0, to: 50 });
  await using process = await here.process(sums(here.ledger));
  await until(async () => {
    await here.clock.advance(100);
    return (await process.models.health()).status === 'DOWN';
  });
  const { components } = await process.models.health();
  assert.match(components!['sums']!.reason!, /position 50, but the log ends at 0/);
});
