import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlotillaError, type ErrorKind, sleep } from '../kernel/index.ts';
import { createFakeRuntime, until } from '../testing/index.ts';
import { type Attempt, createPipeline, type HedgePolicy, type Policy } from './index.ts';

const error = (kind: ErrorKind = 'unavailable'): FlotillaError => new FlotillaError('SOME', { kind, message: 'Some.' });

function open(hedge: HedgePolicy, policy: Policy = {}) {
  const runtime = createFakeRuntime();
  const { clock } = runtime;
  const pipeline = createPipeline({ name: 'stock', runtime, policy: { hedge, ...policy } });
  const begun: number[] = [];
  const aborted: number[] = [];
  /** Each try takes as long as its entry says and then answers with its number or fails. */
  const call = (tries: readonly { ms: number; fails?: ErrorKind }[], context: object = {}): Promise<unknown> =>
    pipeline.execute(
      async ({ attempt, signal }: Attempt) => {
        begun.push(clock.monotonic());
        signal.addEventListener('abort', () => aborted.push(attempt));
        const { ms, fails } = tries[attempt - 1]!;
        await sleep(clock, ms, signal);
        if (fails) throw error(fails);
        return attempt;
      },
      { idempotent: true, ...context },
    );
  return { runtime, clock, pipeline, begun, aborted, call };
}

async function settle(clock: ReturnType<typeof createFakeRuntime>['clock'], call: Promise<unknown>): Promise<unknown> {
  let result: unknown;
  let ended = false;
  call.then(
    (value) => ((result = value), (ended = true)),
    (thrown: unknown) => ((result = thrown), (ended = true)),
  );
  while (!ended) await clock.advance(10);
  return result;
}

describe('hedging', () => {
  it('asks once more when the answer is late; the first answer wins and the other try is aborted', async () => {
    const { clock, call, begun, aborted } = open({ delay: '100ms' });
    assert.equal(await settle(clock, call([{ ms: 1_000 }, { ms: 50 }])), 2);
    assert.deepEqual([begun, aborted], [[0, 100], [1]]);
    await clock.advance(20);
    assert.equal(clock.pending, 0);
  });

  it('asks nobody else when the answer is in time, or when the call may not happen twice', async () => {
    const { clock, call, begun } = open({ delay: '100ms' });
    assert.equal(await settle(clock, call([{ ms: 80 }])), 1);
    assert.equal(await settle(clock, call([{ ms: 800 }], { idempotent: false })), 1);
    await clock.advance(1_000);
    assert.equal(begun.length, 2);
  });

  it('asks somebody else, as the caller picks', async () => {
    const { clock, pipeline } = open({ delay: '100ms', attempts: 3 });
    const asked: string[] = [];
    const calling = pipeline.execute(
      async ({ endpoint, signal }: Attempt<string>) => {
        asked.push(endpoint);
        await sleep(clock, endpoint === 'c' ? 10 : 5_000, signal);
        return endpoint;
      },
      { idempotent: true, pick: (excluded) => ['a', 'b', 'c'].find((one) => !excluded.includes(one))! },
    );
    assert.equal(await settle(clock, calling), 'c');
    assert.deepEqual(asked, ['a', 'b', 'c']);
  });

  it('goes on at once when a try failed in a way that may pass', async () => {
    const { clock, call, begun } = open({ delay: '10s' });
    assert.equal(await settle(clock, call([{ ms: 20, fails: 'unavailable' }, { ms: 5 }])), 2);
    assert.deepEqual(begun, [0, 20]);
  });

  it('takes an error that will not go away for the answer', async () => {
    const { clock, call, aborted } = open({ delay: '100ms' });
    const result = await settle(clock, call([{ ms: 1_000 }, { ms: 50, fails: 'not-found' }]));
    assert.equal((result as FlotillaError).kind, 'not-found');
    assert.deepEqual(aborted, [1]);
  });

  it('waits for the try that is left, and gives the last error when there is none', async () => {
    const { clock, call } = open({ delay: '100ms' });
    assert.equal(await settle(clock, call([{ ms: 500 }, { ms: 50, fails: 'unavailable' }])), 1);
    const result = await settle(
      clock,
      call([
        { ms: 500, fails: 'timeout' },
        { ms: 50, fails: 'unavailable' },
      ]),
    );
    assert.equal((result as FlotillaError).kind, 'timeout');
  });

  it('does not end the first try because a second one was refused', async () => {
    const { clock, pipeline } = open({ delay: '100ms' }, { breaker: {} });
    const calling = pipeline.execute(async ({ signal }) => (await sleep(clock, 500, signal), 'first'), { idempotent: true });
    pipeline.breaker!.isolate();
    assert.equal(await settle(clock, calling), 'first');
  });

  it('ends all tries when the caller leaves', async () => {
    const { clock, call, aborted } = open({ delay: '100ms' });
    const caller = new AbortController();
    const calling = assert.rejects(call([{ ms: 1_000 }, { ms: 1_000 }], { signal: caller.signal }), { code: 'CANCELLED' });
    await clock.advance(150);
    caller.abort();
    await calling;
    await until(() => aborted.length === 2);
    await clock.advance(20);
    assert.equal(clock.pending, 0);
  });

  it('begins no other try for a caller who left, whatever the reason', async () => {
    const { clock, call, begun } = open({ delay: '100ms' });
    const caller = new AbortController();
    const reason = error('timeout');
    const calling = assert.rejects(call([{ ms: 1_000 }, { ms: 1_000 }], { signal: caller.signal }), reason);
    await clock.advance(50);
    caller.abort(reason);
    await calling;
    assert.equal(begun.length, 1);
  });

  it('learns what late means from what 95 % of the recent calls took', async () => {
    const { clock, call, begun } = open({});
    assert.equal(await settle(clock, call([{ ms: 3_000 }])), 1);
    for (let count = 0; count < 60; count += 1) await settle(clock, call([{ ms: count % 10 === 0 ? 180 : 90 }, { ms: 999 }]));
    begun.length = 0;
    const start = clock.monotonic();
    assert.equal(await settle(clock, call([{ ms: 5_000 }, { ms: 10 }])), 2);
    const waited = begun[1]! - start;
    assert.ok(waited >= 180 && waited <= 220, `${waited}`);
  });

  it('never makes more extra tries than a fifth of the calls and ten a second', async () => {
    const { clock, call, pipeline } = open({ delay: '10ms', attempts: 3 });
    const calls: Promise<unknown>[] = [];
    for (let second = 1; second <= 5; second += 1) {
      for (let count = 0; count < 100; count += 1) {
        calls.push(call([{ ms: 400 }, { ms: 400 }, { ms: 400 }]));
        await clock.advance(10);
      }
      const { calls: made, attempts } = pipeline.state().counts;
      assert.ok(attempts <= made * 1.2 + 10 * (second + 1), `${attempts} tries of ${made} calls`);
    }
    await clock.advance(1_000);
    await Promise.all(calls);
  });

  it('gives one result, and leaves nothing running, whatever the tries do', async () => {
    const oneTry = fc.record({ ms: fc.nat(400), fails: fc.constantFrom(undefined, 'unavailable', 'timeout', 'invalid') });
    const plan = fc.record({
      tries: fc.array(oneTry, { minLength: 3, maxLength: 3 }),
      delay: fc.nat(200),
      leaveAt: fc.option(fc.nat(500)),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ tries, delay, leaveAt }) => {
        const { clock, call, begun, pipeline } = open({ delay, attempts: 3 }, { bulkhead: {}, timeout: {} });
        const caller = new AbortController();
        using _leaving = clock.timer(leaveAt ?? 3_600_000, () => caller.abort());
        const result = await settle(clock, call(tries as { ms: number; fails?: ErrorKind }[], { signal: caller.signal }));
        assert.ok(begun.length >= 1 && begun.length <= 3);
        assert.ok(typeof result === 'number' || result instanceof FlotillaError);
        if (typeof result === 'number') assert.equal(tries[result - 1]!.fails, undefined);
        await clock.advance(20);
        assert.equal(pipeline.state().limit!.running, 0);
        assert.ok(clock.pending <= 1, 'only the timer of the test may be left');
      }),
      { numRuns: 150 },
    );
  });
});
