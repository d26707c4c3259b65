import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { createFakeRuntime, until } from '../testing/index.ts';
import { createPipeline, type Policy, standardPolicy } from './index.ts';

const down = (): Promise<never> => Promise.reject(new FlotillaError('DOWN', { kind: 'unavailable', message: 'Down.' }));

function open(policy: Policy) {
  const runtime = createFakeRuntime();
  return { runtime, pipeline: createPipeline({ name: 'stock', policy, runtime }) };
}
const deadline = async ({ deadline: by }: { deadline: number }): Promise<number> => by;

describe('reloading a pipeline', () => {
  it('takes effect for the next call, in every operation', async () => {
    const { pipeline } = open({ timeout: { attempt: '1s' } });
    const operation = pipeline.with({ fallback: () => 'instead' });
    pipeline.reload({ timeout: { attempt: '2s' } });
    assert.deepEqual([await pipeline.execute(deadline), await operation(deadline)], [2_000, 2_000]);
    assert.equal(await operation(down), 'instead');
  });

  it('keeps what breaker and budget learnt where their policy is the same', async () => {
    const { pipeline } = open({ breaker: { minimumCalls: 2 }, retry: {} });
    await assert.rejects(pipeline.execute(down), { code: 'DOWN' });
    const { breaker } = pipeline;
    pipeline.reload({ breaker: { minimumCalls: 2 }, timeout: {} });
    assert.equal(pipeline.breaker, breaker);
    await assert.rejects(pipeline.execute(down), { code: 'DOWN' });
    assert.equal(pipeline.state().breaker!.kind, 'open');
    pipeline.reload({ breaker: { minimumCalls: 3 } });
    assert.equal(pipeline.state().breaker!.kind, 'closed');
    pipeline.reload({});
    assert.deepEqual([pipeline.breaker, pipeline.state().breaker], [undefined, undefined]);
  });

  it('keeps count of who is inside when limits change', async () => {
    const { pipeline } = open({ bulkhead: { limit: 2 } });
    const gate = Promise.withResolvers<void>();
    const inside = [1, 2].map(() => pipeline.execute(() => gate.promise));
    pipeline.reload({ bulkhead: { limit: 1, queue: 1 } });
    const waiting = pipeline.execute(async () => 'next');
    assert.deepEqual(pipeline.state().limit, { limit: 1, running: 2, queued: 1 });
    gate.resolve();
    await Promise.all(inside);
    assert.equal(await waiting, 'next');
    assert.deepEqual(pipeline.state().limit, { limit: 1, running: 0, queued: 0 });
  });

  it('keeps a limit that adapted when something else changes', async () => {
    const { pipeline } = open({ adaptive: { start: 10 }, bulkhead: {} });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 8 }, () => pipeline.execute(async () => 1)));
    }
    const { limit } = pipeline.state().limit!;
    assert.ok(limit > 10);
    pipeline.reload({ adaptive: { start: 10 }, bulkhead: { queue: 5 }, timeout: {} });
    assert.equal(pipeline.state().limit!.limit, limit);
    pipeline.reload({ adaptive: { start: 30 }, bulkhead: { queue: 5 } });
    assert.equal(pipeline.state().limit!.limit, 30);
  });

  it('is not undone by calls that began before, when they end', async () => {
    const { pipeline } = open({ adaptive: { start: 10 }, bulkhead: {} });
    const gate = Promise.withResolvers<void>();
    const before = pipeline.execute(() => gate.promise);
    pipeline.reload({ bulkhead: { limit: 50 } });
    gate.resolve();
    await before;
    assert.deepEqual(pipeline.state().limit, { limit: 50, running: 0, queued: 0 });
  });

  it('changes nothing when the new policy can not work', async () => {
    const { pipeline } = open(standardPolicy);
    const { breaker } = pipeline;
    assert.throws(() => pipeline.reload({ retry: { attempts: 0 }, timeout: {} }), { code: 'INVALID_POLICY' });
    assert.equal(pipeline.breaker, breaker);
    assert.equal(pipeline.state().limit!.limit, 100);
  });
});

describe('the operations of one upstream', () => {
  it('have times, retries and fallbacks of their own, and share breaker, limits and budget', async () => {
    const { runtime, pipeline } = open({ ...standardPolicy, breaker: { minimumCalls: 4 } });
    const quick = pipeline.with({ timeout: { attempt: '100ms' }, retry: false });
    assert.equal(await quick(deadline), 100);
    let tries = 0;
    const failing = (): Promise<never> => ((tries += 1), down());
    await assert.rejects(quick(failing, { idempotent: true }), { code: 'DOWN' });
    assert.equal(tries, 1);
    const calling = assert.rejects(pipeline.execute(failing, { idempotent: true }), { code: 'BREAKER_OPEN' });
    await runtime.clock.advance(1_000);
    await calling;
    await assert.rejects(quick(failing), { code: 'BREAKER_OPEN' });
    assert.equal(tries, 3);
  });
});

describe('a pipeline that was disposed of', () => {
  it('refuses calls, lets those go that wait and leaves those under way alone', async () => {
    const { runtime, pipeline } = open({ bulkhead: { limit: 1, queue: 1 }, timeout: {} });
    const gate = Promise.withResolvers<string>();
    const running = pipeline.execute(() => gate.promise);
    const waiting = pipeline.execute(() => assert.fail('called'));
    await until(() => pipeline.state().limit!.queued === 1);
    pipeline[Symbol.dispose]();
    await assert.rejects(waiting, { code: 'PIPELINE_CLOSED' });
    await assert.rejects(
      pipeline.execute(() => assert.fail('called')),
      { code: 'PIPELINE_CLOSED', retryable: false },
    );
    gate.resolve('done');
    assert.equal(await running, 'done');
    await runtime.clock.advance(20);
    assert.equal(runtime.clock.pending, 0);
  });
});
