import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ErrorOptions, FlotillaError, sleep } from '../kernel/index.ts';
import { createFakeRuntime, until } from '../testing/index.ts';
import {
  type CallContext,
  createLoadShedder,
  createPipeline,
  type Pipeline,
  type PipelineOptions,
  type Policy,
  type Work,
} from './index.ts';

const down = (options: Partial<ErrorOptions> = {}): FlotillaError =>
  new FlotillaError('DOWN', { kind: 'unavailable', message: 'Down.', ...options });

function open(policy: Policy, options: Partial<PipelineOptions> = {}) {
  const runtime = createFakeRuntime();
  return { runtime, pipeline: createPipeline({ name: 'stock', policy, runtime, ...options }) };
}

const never: Work<never> = ({ signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
const hang: Work<never> = () => new Promise(() => undefined);

/** The error of a call, or `undefined`; time passes until it ends. */
async function failure(runtime: ReturnType<typeof createFakeRuntime>, call: Promise<unknown>): Promise<unknown> {
  let ended = false;
  let reason: unknown;
  call.then(
    () => (ended = true),
    (thrown: unknown) => ((reason = thrown), (ended = true)),
  );
  while (!ended) await runtime.clock.advance(10);
  return reason;
}

const ALL: Policy = { timeout: {}, retry: {}, breaker: {}, bulkhead: {}, fallback: () => 'instead' };

describe('a pipeline', () => {
  it('gives what the work gives', async () => {
    const { pipeline } = open(ALL);
    assert.equal(await pipeline.execute(async () => 7), 7);
    assert.equal(await open({}).pipeline.execute(async ({ attempt }) => attempt), 1);
  });

  it('rejects with the very error of the work', async () => {
    const bug = new Error('bug');
    for (const policy of [{}, { ...ALL, fallback: false }, { hedge: {} }] as const) {
      const { pipeline } = open(policy);
      assert.equal(
        await pipeline.execute(() => Promise.reject(bug), { idempotent: true }).catch((thrown: unknown) => thrown),
        bug,
      );
    }
  });

  it('takes work that throws before it waits for work that fails', async () => {
    const { pipeline } = open({ breaker: { minimumCalls: 1 } });
    const throwing = (): never => {
      throw down();
    };
    await assert.rejects(pipeline.execute(throwing), { code: 'DOWN' });
    assert.equal(pipeline.state().breaker!.kind, 'open');
  });
});

describe('the time of a call', () => {
  it('ends a try that hangs, whether it watches its signal or not', async () => {
    for (const work of [never, hang]) {
      const { runtime, pipeline } = open({ timeout: { attempt: '500ms' } });
      const reason = await failure(runtime, pipeline.execute(work));
      assert.ok(reason instanceof FlotillaError && reason.code === 'DEADLINE_EXCEEDED');
      assert.equal(runtime.clock.monotonic(), 500);
    }
  });

  it('aborts the signal of the try, also for work that asks for it late', async () => {
    const { runtime, pipeline } = open({ timeout: { attempt: '500ms' } });
    let early: AbortSignal | undefined;
    let late: AbortSignal | undefined;
    const work: Work<void> = async (attempt) => {
      early = attempt.signal;
      await sleep(runtime.clock, 600);
    };
    const lateWork: Work<void> = async (attempt) => {
      await sleep(runtime.clock, 600);
      late = attempt.signal;
    };
    const reasons = [await failure(runtime, pipeline.execute(work)), await failure(runtime, pipeline.execute(lateWork))];
    await runtime.clock.advance(100);
    assert.deepEqual([early!.reason, late!.reason], reasons);
  });

  it('bounds all tries and pauses together', async () => {
    const { runtime, pipeline } = open({ timeout: { attempt: '1s', total: '2500ms' }, retry: { attempts: 10 } });
    const deadlines: number[] = [];
    const work: Work<never> = (attempt) => (deadlines.push(attempt.deadline), hang(attempt));
    await failure(runtime, pipeline.execute(work, { idempotent: true }));
    assert.equal(deadlines.at(-1), 2_500);
    assert.ok(runtime.clock.monotonic() <= 2_510);
  });

  it('is never more than its caller has', async () => {
    const { pipeline } = open({ timeout: {} });
    const deadlineOf = (context: CallContext) => pipeline.execute(async ({ deadline }) => deadline, context);
    assert.deepEqual(
      [
        await deadlineOf({}),
        await deadlineOf({ deadline: 300 }),
        await deadlineOf({ attemptTimeoutMs: 100 }),
        await deadlineOf({ totalTimeoutMs: 40 }),
        await deadlineOf({ attemptTimeoutMs: 100, deadline: 50 }),
      ],
      [5_000, 300, 100, 40, 50],
    );
  });

  it('is over at once when there is none, and nothing is called', async () => {
    const { pipeline } = open({ ...ALL, fallback: false });
    await assert.rejects(
      pipeline.execute(() => assert.fail('called'), { deadline: 0 }),
      { code: 'DEADLINE_EXCEEDED' },
    );
    assert.equal(pipeline.state().counts.attempts, 0);
  });

  it('leaves no timer behind', async () => {
    const { runtime, pipeline } = open(ALL);
    for (let call = 0; call < 100; call += 1) await pipeline.execute(async () => call);
    await runtime.clock.advance(20);
    assert.equal(runtime.clock.pending, 0);
  });
});

describe('retries', () => {
  const tries = async (pipeline: Pipeline, runtime: ReturnType<typeof createFakeRuntime>, context: CallContext) => {
    let count = 0;
    await failure(
      runtime,
      pipeline.execute(() => ((count += 1), Promise.reject(down())), context),
    );
    return count;
  };

  it('are made only of calls that may happen twice', async () => {
    const { runtime, pipeline } = open({ retry: {} });
    assert.deepEqual([await tries(pipeline, runtime, {}), await tries(pipeline, runtime, { idempotent: true })], [1, 3]);
  });

  it('go elsewhere, as the caller picks', async () => {
    const { runtime, pipeline } = open({ retry: {} });
    const endpoints = ['a', 'b', 'c'];
    const went: string[] = [];
    const work: Work<never, string> = ({ endpoint, excluded }) => {
      assert.deepEqual(excluded, went);
      went.push(endpoint);
      return Promise.reject(down());
    };
    const pick = (excluded: readonly string[]): string => endpoints.find((one) => !excluded.includes(one))!;
    await failure(runtime, pipeline.execute(work, { idempotent: true, pick }));
    assert.deepEqual(went, endpoints);
  });
});

describe('a caller who leaves', () => {
  it('ends the call at once, counts for nothing and gets no fallback', async () => {
    const { runtime, pipeline } = open({ ...ALL, breaker: { minimumCalls: 1 } });
    const caller = new AbortController();
    const calls = [never, hang].map((work) => pipeline.execute(work, { signal: caller.signal, idempotent: true }));
    await until(() => pipeline.state().limit!.running === 2);
    caller.abort();
    for (const call of calls) await assert.rejects(call, { code: 'CANCELLED' });
    assert.deepEqual(pipeline.state().breaker, { kind: 'closed', calls: 0, failures: 0 });
    assert.equal(pipeline.state().limit!.running, 0);
    await runtime.clock.advance(20);
    assert.equal(runtime.clock.pending, 0);
  });

  it('counts for nothing, even if the work fails afterwards', async () => {
    const { pipeline } = open({ breaker: { minimumCalls: 1 } });
    const caller = new AbortController();
    const gate = Promise.withResolvers<never>();
    const call = assert.rejects(
      pipeline.execute(() => gate.promise, { signal: caller.signal }),
      { code: 'CANCELLED' },
    );
    caller.abort();
    await call;
    gate.reject(down());
    await nextTurn();
    assert.deepEqual(pipeline.state().breaker, { kind: 'closed', calls: 0, failures: 0 });
  });

  it('before the call makes none', async () => {
    const { pipeline } = open(ALL);
    const called = pipeline.execute(() => assert.fail('called'), { signal: AbortSignal.abort() });
    await assert.rejects(called, { code: 'CANCELLED' });
  });
});

describe('a fallback', () => {
  it('answers instead of an error', async () => {
    const { pipeline } = open({ fallback: (thrown) => (thrown as Error).message });
    assert.equal(await pipeline.execute(() => Promise.reject(new Error('lost'))), 'lost');
    assert.equal(pipeline.state().counts.fallbacks, 1);
  });

  it('that fails is the cause of the error it could not replace', async () => {
    const [lost, broken] = [new Error('lost'), new Error('broken')];
    const { pipeline } = open({ fallback: () => Promise.reject(broken) });
    await assert.rejects(
      pipeline.execute(() => Promise.reject(lost)),
      lost,
    );
    assert.equal(lost.cause, broken);
  });
});

describe('the breaker of a pipeline', () => {
  it('counts each try, and the pipeline does not try again once it is open', async () => {
    const { runtime, pipeline } = open({ retry: { attempts: 9 }, breaker: { minimumCalls: 4 } });
    const reason = await failure(
      runtime,
      pipeline.execute(() => Promise.reject(down()), { idempotent: true }),
    );
    assert.equal((reason as FlotillaError).code, 'BREAKER_OPEN');
    assert.equal(pipeline.state().counts.attempts, 4);
  });

  it('takes a hanging upstream for a failing one', async () => {
    const { runtime, pipeline } = open({ timeout: {}, breaker: { minimumCalls: 3 } });
    await Promise.all([1, 2, 3].map(() => failure(runtime, pipeline.execute(hang))));
    assert.equal(pipeline.state().breaker!.kind, 'open');
    assert.deepEqual([pipeline.state().counts.timeouts, pipeline.state().counts.failures], [3, 3]);
  });

  it('counts a try that a caller waited for until its own time was over', async () => {
    const { runtime, pipeline } = open({ timeout: { attempt: '1s' }, breaker: {} });
    const late = new FlotillaError('STEP_TIMEOUT', { kind: 'timeout', message: 'The step took too long.' });
    const abandon = async (afterMs: number, reason: Error): Promise<void> => {
      const caller = new AbortController();
      const ended = assert.rejects(pipeline.execute(hang, { signal: caller.signal }), reason);
      await runtime.clock.advance(afterMs);
      caller.abort(reason);
      await ended;
    };
    await abandon(200, late);
    await abandon(900, new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'Gone.' }));
    assert.equal(pipeline.state().counts.failures, 0);
    await abandon(900, late);
    assert.equal(pipeline.state().counts.failures, 1);
  });

  it('is not opened by callers who gave no time to answer', async () => {
    const { runtime, pipeline } = open({ timeout: {}, breaker: { minimumCalls: 1 } });
    const slow = (): Promise<never> => Promise.reject(new FlotillaError('LATE', { kind: 'timeout', message: 'Late.' }));
    for (const work of [hang, slow]) {
      await failure(runtime, pipeline.execute(work, { deadline: runtime.clock.monotonic() + 400 }));
    }
    assert.deepEqual(pipeline.state().breaker, { kind: 'closed', calls: 0, failures: 0 });
    await failure(runtime, pipeline.execute(hang, { deadline: runtime.clock.monotonic() + 600 }));
    assert.equal(pipeline.state().breaker!.kind, 'open');
  });

  it('tells of its changes under the name of the upstream', async () => {
    const changes: unknown[] = [];
    const { pipeline } = open({ breaker: {} }, { onBreakerChange: (change) => changes.push(change) });
    pipeline.breaker!.isolate();
    await assert.rejects(
      pipeline.execute(async () => 1),
      { code: 'BREAKER_OPEN' },
    );
    assert.deepEqual(changes, [{ name: 'stock', from: 'closed', to: 'isolated' }]);
  });
});

describe('the limits of a pipeline', () => {
  it('hold for the call as a whole, and the time of waiting belongs to it', async () => {
    const { runtime, pipeline } = open({ bulkhead: { limit: 1, queue: 1 }, timeout: { attempt: '2s', total: '3s' } });
    const first = failure(runtime, pipeline.execute(hang));
    const second = pipeline.execute(async ({ deadline }) => [runtime.clock.monotonic(), deadline]);
    await assert.rejects(
      pipeline.execute(async () => 'third'),
      { code: 'OVERLOADED' },
    );
    await first;
    assert.deepEqual(await second, [2_000, 3_000]);
  });

  it('adapt to what the upstream can take', async () => {
    const { runtime, pipeline } = open({ adaptive: { start: 10 }, timeout: { attempt: '1s' } });
    const limit = (): number => pipeline.state().limit!.limit;
    await Promise.all(Array.from({ length: 10 }, () => failure(runtime, pipeline.execute(hang))));
    assert.equal(limit(), 9);
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 9 }, () => pipeline.execute(async () => 1)));
    }
    assert.ok(limit() > 9);
  });

  it('learn nothing from callers who left', async () => {
    const { runtime, pipeline } = open({ adaptive: { start: 10 } });
    await Promise.all(Array.from({ length: 10 }, () => pipeline.execute(async () => 1)));
    const { limit } = pipeline.state().limit!;
    const caller = new AbortController();
    const left = Array.from({ length: limit }, () => pipeline.execute(hang, { signal: caller.signal }));
    await runtime.clock.advance(900);
    caller.abort();
    await Promise.allSettled(left);
    assert.equal(pipeline.state().limit!.limit, limit);
  });

  it('refuse what matters least while this process has too much to do', async () => {
    const { clock } = createFakeRuntime();
    const shedder = createLoadShedder({ clock, probe: { readP99Ms: () => 999 } });
    for (let step = 0; step < 6; step += 1) {
      await clock.advance(250);
      shedder.admit('health');
    }
    const { pipeline } = open({}, { shedder });
    await assert.rejects(
      pipeline.execute(async () => 1, { priority: 'low' }),
      { code: 'OVERLOADED' },
    );
    assert.equal(await pipeline.execute(async () => 1), 1);
  });
});
