import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { aggregate, decideAgain, type EventsOf, openUnit, type Unit } from './index.ts';
import { tills, tillsAtWork } from './test/till.ts';

type TillEvent = { type: 'Added'; data: number } | { type: 'Emptied'; data: null };
type TillCommand = { type: 'Add'; amount: number } | { type: 'Empty' };

const till = aggregate<number, TillEvent, TillCommand>('till', {
  initial: 0,
  evolve: (sum, event) => (event.type === 'Added' ? sum + event.data : 0),
  decide: (command, sum) => {
    if (command.type === 'Add') return [{ type: 'Added', data: command.amount }];
    return sum === 0 ? [] : [{ type: 'Emptied', data: null }];
  },
});
const bare = aggregate<number, TillEvent>('bare', { initial: 0, evolve: (sum) => sum });

async function world() {
  const at = await tillsAtWork();
  const runtime = createFakeRuntime();
  const inUnit = <TResult>(work: (unit: Unit<unknown, EventsOf<typeof tills>>) => Promise<TResult>): Promise<TResult> =>
    at.store.transact(async (tx) => {
      const { unit, flush } = openUnit({ tx, contract: tills, runtime, origin: { correlationId: 'c' } });
      const result = await work(unit);
      await flush();
      return result;
    });
  return { ...at, inUnit };
}

test('an aggregate decides what a command leads to', async () => {
  await using at = await world();
  const sums = await at.inUnit(async ({ change }) => [
    await change(till, 'a', { type: 'Add', amount: 5 }),
    await change(till, 'a', { type: 'Empty' }),
    await change(till, 'a', { type: 'Empty' }),
  ]);
  assert.deepEqual(
    sums.map(({ state, version }) => [state, version]),
    [[5, 1], [0, 2], [0, 2]], // prettier-ignore
  );
});

test('a command for an aggregate that does not decide says what to do', async () => {
  await using at = await world();
  const failing = at.inUnit(({ change }) => change(bare, 'a', { type: 'Add' } as never));
  await assert.rejects(failing, { code: 'INVALID_AGGREGATE', message: /'bare' has no decide/ });
});

test('a change on a version the caller has not seen is refused for good', async () => {
  await using at = await world();
  const add = (version: number) => at.inUnit(({ change }) => change(till, { id: 'a', version }, { type: 'Add', amount: 1 }));
  await add(0);
  await assert.rejects(add(0), { code: 'VERSION_OUTDATED', retryable: false, message: /version 0 is what the caller has seen/ });
  assert.equal((await add(1)).state, 2);
});

const failure = (code: string): FlotillaError =>
  new FlotillaError(code, { kind: 'conflict', retryable: true, message: 'Changed.' });
const conflict = failure('VERSION_CONFLICT');

/** Decides until it succeeds, with a clock that goes on by itself. */
async function tries(failures: readonly Error[]): Promise<{ tries: number; error: unknown }> {
  const runtime = createFakeRuntime();
  let count = 0;
  let settled = false;
  const outcome = decideAgain({ runtime, signal: new AbortController().signal }, async () => {
    const thrown = failures[count++];
    if (thrown) throw thrown;
  }).then(
    () => ({ tries: count, error: undefined }),
    (error: unknown) => ({ tries: count, error }),
  );
  void outcome.then(() => (settled = true));
  while (!settled) await runtime.clock.advance(10);
  return await outcome;
}

test('what somebody else changed in between is decided again, but not for ever', async () => {
  assert.deepEqual(await tries([conflict, conflict]), { tries: 3, error: undefined });
  const hopeless = await tries(Array.from({ length: 9 }, () => conflict));
  assert.equal(hopeless.tries, 5);
  assert.equal((hopeless.error as FlotillaError).code, 'VERSION_CONFLICT');
});

test('a version the caller insists on, and any other error, are not tried again', async () => {
  assert.equal((await tries([failure('VERSION_OUTDATED')])).tries, 1);
  assert.equal((await tries([new Error('no')])).tries, 1);
});
