import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { until } from '../testing/index.ts';
import { aggregate, type Aggregate, openUnit } from './index.ts';
import { tills, tillsAtWork } from './test/till.ts';

type TillEvent = { type: 'Added'; data: { amount: number } };
interface Till {
  readonly sum: number;
}

/** A till that counts how many events it folds. */
function countingTill({ every = 10, version = 1 } = {}): { till: Aggregate<Till, TillEvent, never>; folded: () => number } {
  let folded = 0;
  const till = aggregate<Till, TillEvent>('till', {
    initial: { sum: 0 },
    evolve: ({ sum }, { data }) => {
      folded += 1;
      return { sum: sum + data.amount };
    },
    snapshots: { every, version },
  });
  return {
    till,
    folded: () => {
      const before = folded;
      folded = 0;
      return before;
    },
  };
}

const added = (...amounts: number[]) => amounts.map((amount): TillEvent => ({ type: 'Added', data: { amount } }));
const ones = (count: number): TillEvent[] => added(...Array.from({ length: count }, () => 1));

test('a long stream is folded from its latest snapshot, which is written beside the command', async () => {
  await using at = await tillsAtWork();
  const { till, folded } = countingTill();
  await at.change(till, 'a', () => ones(25));
  await at.snapshotsWritten();
  folded();
  assert.deepEqual(await at.load(till, 'a'), { state: { sum: 25 }, version: 25, from: 25 });
  assert.equal(folded(), 0);
  await at.change(till, 'a', () => ones(1));
  assert.equal(folded(), 1);
});

test('a snapshot is due after so many events, not at each change', async () => {
  await using at = await tillsAtWork();
  const { till } = countingTill();
  for (let turn = 0; turn < 9; turn += 1) await at.change(till, 'a', () => ones(1));
  assert.equal((await at.load(till, 'a')).from, 0);
  await at.change(till, 'a', () => ones(1));
  await until(async () => (await at.load(till, 'a')).from === 10);
});

test('a read that had to fold much leaves a snapshot for the next', async () => {
  await using at = await tillsAtWork();
  await at.change(countingTill({ every: 1_000 }).till, 'a', () => ones(20));
  const { till } = countingTill({ every: 10 });
  assert.equal((await at.load(till, 'a')).from, 0);
  await until(async () => (await at.load(till, 'a')).from === 20);
});

test('a snapshot of a fold that computes something else is not used', async () => {
  await using at = await tillsAtWork();
  const before = countingTill();
  await at.change(before.till, 'a', () => ones(20));
  await until(async () => (await at.load(before.till, 'a')).from === 20);
  const doubling = aggregate<Till, TillEvent>('till', {
    initial: { sum: 0 },
    evolve: ({ sum }, { data }) => ({ sum: sum + 2 * data.amount }),
    snapshots: { every: 1_000 },
  });
  assert.deepEqual((await at.load(doubling, 'a')).state, { sum: 40 });
  const declared = countingTill({ version: 2, every: 1_000 });
  await at.load(declared.till, 'a');
  assert.equal(declared.folded(), 20);
});

test('a snapshot that is wrong about the version does not let a change pass or stop one', async () => {
  await using at = await tillsAtWork();
  const { till } = countingTill();
  await at.change(till, 'a', () => added(1, 2));
  const { foldHash } = till.snapshots!;
  await at.store.events.keepSnapshot({ stream: 'till:a', version: 7, foldHash, data: { sum: 666 }, at: 1 });
  assert.deepEqual(await at.change(till, 'a', () => added(3)).then(({ state, version }) => [state.sum, version]), [6, 3]);
});

test('what was never committed is in no snapshot', async () => {
  await using at = await tillsAtWork();
  const { till } = countingTill();
  const offered: number[] = [];
  const keepSnapshot = ({ version }: { version: number }): unknown => offered.push(version);
  const change = (fails: boolean): Promise<void> =>
    at.store.transact(async (tx) => {
      const options = { tx, contract: tills, runtime: at.runtime, origin: { correlationId: 'c' }, keepSnapshot };
      const { unit, flush } = openUnit(options);
      await unit.change(till, 'a', () => ones(15));
      await unit.load(till, 'a');
      await flush();
      if (fails) throw new Error('changed my mind');
    });
  await assert.rejects(change(true), /changed my mind/);
  assert.deepEqual(offered, []);
  await change(false);
  assert.deepEqual(offered, [15]);
});

test('a state that JSON would change gets no snapshot', async () => {
  await using at = await tillsAtWork();
  const dated = aggregate<{ on?: Date }, TillEvent>('dated', {
    initial: {},
    evolve: () => ({ on: new Date(0) }),
    snapshots: { every: 1 },
  });
  await at.change(dated, 'a', () => ones(3));
  await at.snapshotsWritten();
  const { state, from } = await at.load(dated, 'a');
  assert.deepEqual([state.on, from], [new Date(0), 0]);
});

test('with snapshots or without, the state is the same', async () => {
  const amounts = fc.array(fc.array(fc.nat(9), { maxLength: 7 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(amounts, fc.integer({ min: 1, max: 6 }), async (changes, every) => {
      await using at = await tillsAtWork();
      const { till } = countingTill({ every });
      const plain = { ...till, snapshots: undefined };
      for (const change of changes) {
        await at.change(till, 'a', () => added(...change));
        const { state, version } = await at.load(till, 'a');
        const { state: folded, version: length } = await at.load(plain, 'a');
        assert.deepEqual([state, version], [folded, length]);
      }
    }),
    { numRuns: 20 },
  );
});
