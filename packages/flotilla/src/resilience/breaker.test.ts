import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type ErrorKind, FlotillaError } from '../kernel/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { type Breaker, type BreakerChange, type BreakerOptions, createBreaker, outcomeOf, type Permit } from './index.ts';

const error = (kind: ErrorKind = 'unavailable'): FlotillaError => new FlotillaError('SOME', { kind, message: 'Some.' });

function open(options: Partial<BreakerOptions> = {}) {
  const { clock } = createFakeRuntime();
  const changes: string[] = [];
  const breaker = createBreaker({
    name: 'stock',
    // In the middle of its range the jitter is none.
    runtime: { clock, random: { next: () => 0.5 } },
    onChange: ({ from, to }: BreakerChange) => changes.push(`${from} > ${to}`),
    ...options,
  });
  return { clock, breaker, changes };
}

const fail = (breaker: Breaker, times = 1): void => {
  for (let time = 0; time < times; time += 1) breaker.release(breaker.acquire(), 'failure');
};
const pass = (breaker: Breaker, times = 1): void => {
  for (let time = 0; time < times; time += 1) breaker.release(breaker.acquire(), 'success');
};

describe('a closed breaker', () => {
  it('opens at half of twenty calls, and not before', () => {
    const { breaker, changes } = open();
    fail(breaker, 10);
    pass(breaker, 9);
    assert.equal(breaker.state.kind, 'closed');
    pass(breaker);
    assert.deepEqual([breaker.state.kind, changes], ['open', ['closed > open']]);
  });

  it('stays closed with fewer calls, whatever they say', () => {
    const { breaker } = open();
    fail(breaker, 19);
    assert.deepEqual(breaker.state, { kind: 'closed', calls: 19, failures: 19 });
  });

  it('opens as the definition says, for any sequence of calls', async () => {
    const step = fc.record({
      pause: fc.oneof(fc.constantFrom(0, 500, 1_000, 10_000), fc.nat(400), fc.nat(12_000)),
      failed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), fc.integer({ min: 1, max: 100 }), async (steps, percent) => {
        const { breaker, clock } = open({ failureRatio: percent / 100, minimumCalls: 10 });
        const calls: { bucket: number; failed: boolean }[] = [];
        for (const { pause, failed } of steps) {
          await clock.advance(pause);
          const bucket = Math.floor(clock.monotonic() / 1_000);
          calls.push({ bucket, failed });
          breaker.release(breaker.acquire(), failed ? 'failure' : 'success');
          const recent = calls.filter((call) => call.bucket > bucket - 10);
          const failures = recent.filter((call) => call.failed).length;
          const opens = recent.length >= 10 && failures > 0 && failures >= (recent.length * percent) / 100;
          assert.equal(breaker.state.kind, opens ? 'open' : 'closed');
          if (opens) return;
          assert.deepEqual(breaker.state, { kind: 'closed', calls: recent.length, failures });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('opens once for failures that come together', () => {
    const { breaker, changes } = open({ minimumCalls: 5 });
    const permits = Array.from({ length: 50 }, () => breaker.acquire());
    for (const permit of permits) breaker.release(permit, 'failure');
    assert.deepEqual(changes, ['closed > open']);
  });

  it('is not moved by callers who leave, refusals or a wall clock that jumps', async () => {
    const { breaker, clock } = open({ minimumCalls: 1 });
    for (const kind of ['invalid', 'unauthenticated', 'forbidden', 'not-found', 'conflict', 'exhausted', 'cancelled'] as const) {
      await assert.rejects(
        breaker.execute(() => Promise.reject(error(kind))),
        { kind },
      );
      clock.step(86_400_000);
    }
    await assert.rejects(
      breaker.execute(() => Promise.reject(AbortSignal.abort().reason as Error)),
      { name: 'AbortError' },
    );
    assert.deepEqual(breaker.state, { kind: 'closed', calls: 6, failures: 0 });
  });

  it('counts what fails, also work that throws before it waits', async () => {
    const { breaker } = open({ minimumCalls: 4 });
    for (const kind of ['unavailable', 'timeout', 'internal'] as const) {
      await assert.rejects(
        breaker.execute(() => Promise.reject(error(kind))),
        { kind },
      );
    }
    const throwing = (): never => {
      throw new TypeError('bug');
    };
    await assert.rejects(breaker.execute(throwing), TypeError);
    assert.equal(breaker.state.kind, 'open');
  });

  it('counts the kinds that its policy names', () => {
    assert.equal(open({ failureKinds: ['timeout'] }).breaker.outcomeOf(error('internal')), 'success');
    assert.equal(outcomeOf(error('internal')), 'failure');
  });
});

describe('an open breaker', () => {
  it('refuses at once and says how long', async () => {
    const { breaker, clock } = open({ minimumCalls: 1 });
    fail(breaker);
    await clock.advance(4_000);
    await assert.rejects(
      breaker.execute(() => assert.fail('called')),
      { code: 'BREAKER_OPEN', kind: 'unavailable', details: { name: 'stock', retryAfterMs: 6_000 } },
    );
  });

  it('lets probes through after ten seconds, twice as long after each failure up to a minute, with a tenth of jitter', async () => {
    for (const [random, factor] of [
      [0, 0.9],
      [0.5, 1],
    ] as const) {
      const runtime = createFakeRuntime();
      const { clock } = runtime;
      const breaker = createBreaker({ name: 'stock', minimumCalls: 1, runtime: { clock, random: { next: () => random } } });
      fail(breaker);
      for (const seconds of [10, 20, 40, 60, 60]) {
        await clock.advance(seconds * 1_000 * factor - 1);
        assert.throws(() => breaker.acquire(), { code: 'BREAKER_OPEN' });
        await clock.advance(1);
        fail(breaker);
      }
    }
  });

  it('goes through half-open in one clean step when the process slept', async () => {
    const { breaker, clock, changes } = open({ minimumCalls: 1 });
    fail(breaker);
    await clock.advance(3_600_000);
    pass(breaker, 3);
    assert.deepEqual(changes, ['closed > open', 'open > half-open', 'half-open > closed']);
  });

  it('does not hear of calls from before it opened', async () => {
    const { breaker, clock } = open({ minimumCalls: 1 });
    const old = Array.from({ length: 10 }, () => breaker.acquire());
    fail(breaker);
    await clock.advance(10_000);
    const probe = breaker.acquire();
    for (const permit of old) breaker.release(permit, 'failure');
    assert.deepEqual(breaker.state, { kind: 'half-open', since: 10_000, running: 1, passed: 0 });
    breaker.release(probe, 'success');
    assert.deepEqual(breaker.state, { kind: 'half-open', since: 10_000, running: 0, passed: 1 });
  });
});

describe('a half-open breaker', () => {
  async function halfOpen(options: Partial<BreakerOptions> = {}) {
    const opened = open({ minimumCalls: 1, ...options });
    fail(opened.breaker);
    await opened.clock.advance(10_000);
    return opened;
  }
  const admitted = (breaker: Breaker, callers: number): Permit[] =>
    Array.from({ length: callers }, () => {
      try {
        return [breaker.acquire()];
      } catch {
        return [];
      }
    }).flat();

  it('admits exactly its permits with a thousand waiting', async () => {
    for (const probes of [1, 3, 10]) {
      const { breaker } = await halfOpen({ probes });
      let called = 0;
      const gate = Promise.withResolvers<void>();
      const calls = Array.from({ length: 1_000 }, () => breaker.execute(() => ((called += 1), gate.promise)));
      const settled = Promise.allSettled(calls);
      gate.resolve();
      const refused = (await settled).filter(({ status }) => status === 'rejected').length;
      assert.deepEqual([called, refused, breaker.state.kind], [probes, 1_000 - probes, 'closed']);
    }
  });

  it('closes only when all probes passed, and opens when one failed', async () => {
    const { breaker } = await halfOpen();
    pass(breaker, 2);
    assert.equal(breaker.state.kind, 'half-open');
    fail(breaker);
    assert.equal(breaker.state.kind, 'open');
  });

  it('takes back the permit of a caller who left, uncounted', async () => {
    const { breaker } = await halfOpen();
    const [first] = admitted(breaker, 1_000);
    assert.equal(admitted(breaker, 10).length, 0);
    breaker.release(first!, 'ignored');
    assert.equal(admitted(breaker, 10).length, 1);
    assert.equal(breaker.state.kind, 'half-open');
  });

  it('opens again when a probe hangs for half a minute, and ignores it when it comes back', async () => {
    const { breaker, clock, changes } = await halfOpen();
    const hanging = breaker.acquire();
    await clock.advance(29_999);
    assert.equal(admitted(breaker, 10).length, 2);
    await clock.advance(1);
    assert.equal(admitted(breaker, 10).length, 0);
    assert.equal(breaker.state.kind, 'open');
    breaker.release(hanging, 'success');
    assert.deepEqual(changes.slice(1), ['open > half-open', 'half-open > open']);
  });

  it('waits for as long as it takes when there is little traffic', async () => {
    const { breaker, clock } = await halfOpen();
    for (const state of ['half-open', 'half-open', 'closed']) {
      await clock.advance(40_000);
      pass(breaker);
      assert.equal(breaker.state.kind, state);
    }
  });

  it('never has more probes under way than permits, whatever happens', async () => {
    const step = fc.record({
      pause: fc.oneof(fc.constant(0), fc.nat(15_000), fc.nat(70_000)),
      callers: fc.nat(8),
      end: fc.array(fc.record({ which: fc.nat(20), outcome: fc.constantFrom('success', 'failure', 'ignored') }), {
        maxLength: 8,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { breaker, clock } = await halfOpen({ minimumCalls: 3 });
        const running: Permit[] = [];
        for (const { pause, callers, end } of steps) {
          await clock.advance(pause);
          const permits = admitted(breaker, callers);
          running.push(...permits);
          const { state } = breaker;
          if (state.kind === 'half-open' && permits.length > 0) {
            const probing = running.filter((permit) => permit === permits[0]).length;
            assert.ok(probing === state.running && probing + state.passed <= 3, `${probing} probes`);
          }
          for (const { which, outcome } of end) {
            const [permit] = running.splice(which % Math.max(1, running.length), 1);
            if (permit !== undefined) breaker.release(permit, outcome);
          }
        }
        // Whatever happened, a healthy upstream gets its traffic back.
        for (let minute = 0; minute < 4; minute += 1) {
          await clock.advance(70_000);
          for (const permit of admitted(breaker, 30)) breaker.release(permit, 'success');
        }
        assert.equal(breaker.state.kind, 'closed');
      }),
      { numRuns: 200 },
    );
  });
});

describe('by hand', () => {
  it('a breaker is isolated until it is reset', async () => {
    const { breaker, clock, changes } = open({ minimumCalls: 1 });
    const before = breaker.acquire();
    breaker.isolate();
    breaker.isolate();
    await clock.advance(3_600_000);
    assert.throws(() => breaker.acquire(), { code: 'BREAKER_OPEN', details: { name: 'stock' } });
    breaker.release(before, 'failure');
    breaker.reset();
    pass(breaker);
    assert.deepEqual(changes, ['closed > isolated', 'isolated > closed']);
  });

  it('a reset forgets what was counted and how often it opened', async () => {
    const { breaker, clock } = open({ minimumCalls: 2 });
    fail(breaker, 2);
    await clock.advance(10_000);
    fail(breaker);
    breaker.reset();
    fail(breaker);
    assert.equal(breaker.state.kind, 'closed');
    fail(breaker);
    assert.deepEqual(breaker.state, { kind: 'open', until: 20_000 });
  });
});
