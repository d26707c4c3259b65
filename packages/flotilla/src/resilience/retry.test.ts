import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlotillaError, type ErrorOptions } from '../kernel/index.ts';
import { createFakeRuntime, type FakeRuntime, until } from '../testing/index.ts';
import { createRetry, createRetryBudget, type RetryOptions } from './index.ts';

const error = (options: Partial<ErrorOptions> = {}) =>
  new FlotillaError('DOWN', { kind: 'unavailable', message: 'Down.', ...options });
const always = (value: number): FakeRuntime => ({
  ...createFakeRuntime(),
  random: { next: () => value, bytes: () => new Uint8Array() },
});

/** Runs work that fails `failures` times, letting time pass as needed; tells at which times it was tried. */
async function run(
  failures: number,
  thrown: unknown,
  options: Partial<RetryOptions> & { deadline?: number; runtime?: FakeRuntime } = {},
) {
  const { runtime = always(1), deadline, ...rest } = options;
  const tried: number[] = [];
  let over = false;
  const work = async (attempt: number): Promise<string> => {
    tried.push(runtime.clock.monotonic());
    assert.equal(attempt, tried.length);
    if (tried.length <= failures) throw thrown;
    return 'done';
  };
  const bounds = deadline === undefined ? {} : { deadline };
  const result = createRetry({ runtime, ...rest })(work, bounds).catch((reason: unknown) => reason);
  void result.then(() => (over = true));
  while (!over) await runtime.clock.advance(1);
  assert.equal(runtime.clock.pending, 0);
  return { tried, result: await result };
}

describe('retry', () => {
  it('does the work once when it succeeds', async () => {
    assert.deepEqual(await run(0, error()), { tried: [0], result: 'done' });
  });

  it('pauses up to 50 ms, then up to 100 ms, and gives the last failure', async () => {
    const thrown = error();
    const { tried, result } = await run(9, thrown);
    assert.deepEqual(tried, [0, 50, 150]);
    assert.equal(result, thrown);
  });

  it('draws each pause anew', async () => assert.deepEqual((await run(9, error(), { runtime: always(0.5) })).tried, [0, 25, 75]));

  it('never pauses longer than the limit', async () => {
    const { tried } = await run(9, error(), { attempts: 7, maxDelay: 200 });
    assert.deepEqual(tried, [0, 50, 150, 350, 550, 750, 950]);
  });

  it('succeeds on a later try', async () => assert.deepEqual(await run(1, error()), { tried: [0, 50], result: 'done' }));

  for (const [what, thrown] of [
    ['an error that will not go away', error({ kind: 'conflict' })],
    ['an unavailable service that says not to', error({ retryable: false })],
    ['a cancelled call', error({ kind: 'cancelled' })],
    ['too much traffic without a time to come back', error({ kind: 'exhausted' })],
    ['a call that an open breaker refused', new FlotillaError('BREAKER_OPEN', { kind: 'unavailable', message: 'Open.' })],
    ['something that is no Flotilla error', new Error('bug')],
  ] as const) {
    it(`does not repeat ${what}`, async () => assert.deepEqual((await run(9, thrown)).tried, [0]));
  }

  it('repeats a conflict that says it is worth it', async () => {
    assert.deepEqual((await run(1, error({ kind: 'conflict', retryable: true }))).tried, [0, 50]);
  });

  it('comes back when told to, not earlier', async () => {
    const thrown = error({ kind: 'exhausted', details: { retryAfterMs: 2_000 } });
    assert.deepEqual((await run(1, thrown, { deadline: 5_000 })).tried, [0, 2_000]);
  });

  for (const [what, retryAfterMs] of [
    ['later than the deadline', 3_600_000],
    ['exactly at the deadline', 5_000],
  ] as const) {
    it(`gives up at once when told to come back ${what}`, async () => {
      assert.deepEqual((await run(9, error({ details: { retryAfterMs } }), { deadline: 5_000 })).tried, [0]);
    });
  }

  for (const retryAfterMs of ['soon', -1, Number.NaN, null]) {
    it(`backs off as usual when told to come back after ${retryAfterMs}`, async () => {
      assert.deepEqual((await run(1, error({ details: { retryAfterMs } }))).tried, [0, 50]);
    });
  }

  it('does not begin a pause that passes the deadline', async () => {
    assert.deepEqual((await run(9, error(), { deadline: 150 })).tried, [0, 50]);
  });

  it('wakes up from its pause when the caller aborts, without another try', async () => {
    const runtime = always(1);
    const caller = new AbortController();
    let tries = 0;
    const work = async (): Promise<never> => (tries++, Promise.reject(error()));
    const running = createRetry({ runtime })(work, { signal: caller.signal });
    await until(() => runtime.clock.pending === 1);
    caller.abort();
    await assert.rejects(running, { code: 'CANCELLED' });
    assert.deepEqual([tries, runtime.clock.pending], [1, 0]);
  });

  it('gives the failure of a try during which the caller left', async () => {
    const runtime = always(1);
    const caller = new AbortController();
    const thrown = error();
    const work = async (): Promise<never> => (caller.abort(), Promise.reject(thrown));
    await assert.rejects(createRetry({ runtime })(work, { signal: caller.signal }), thrown);
  });

  it('gives the failure when the budget is spent', async () => {
    const runtime = always(1);
    const budget = createRetryBudget({ clock: runtime.clock, floorPerSecond: 1, ratio: 0 });
    assert.equal((await run(9, error(), { runtime, budget })).tried.length, 2);
    assert.equal((await run(9, error(), { runtime, budget })).tried.length, 1);
  });
});
