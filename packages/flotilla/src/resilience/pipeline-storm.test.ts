import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { createFakeRuntime } from '../testing/index.ts';
import { createPipeline, type Policy } from './index.ts';

const down = (): FlotillaError => new FlotillaError('DOWN', { kind: 'unavailable', message: 'Down.' });

/** A thousand idempotent calls a second to an upstream that fails them all; `check` sees both numbers after each second. */
async function storm(policy: Policy, seconds: number, check: (calls: number, received: number, second: number) => void) {
  const runtime = createFakeRuntime();
  const pipeline = createPipeline({ name: 'stock', policy, runtime });
  let received = 0;
  let calls = 0;
  const fail = (): Promise<never> => ((received += 1), Promise.reject(down()));
  for (let second = 1; second <= seconds; second += 1) {
    for (let slice = 0; slice < 100; slice += 1) {
      for (let call = 0; call < 10; call += 1, calls += 1) pipeline.execute(fail, { idempotent: true }).catch(() => undefined);
      await runtime.clock.advance(10);
    }
    check(calls, received, second);
  }
  return { runtime, pipeline };
}

for (const [what, policy] of [
  ['retries', { retry: { attempts: 5 } }],
  ['hedges', { hedge: { attempts: 5, delay: '20ms' } }],
] as const) {
  test(`${what} add a fifth and ten a second to the load of an upstream that fails everything, from the first second on`, async () => {
    await storm(policy, 25, (calls, received, second) => {
      assert.ok(received <= calls * 1.2 + 10 * second, `${received} of ${calls} after ${second} s`);
      assert.ok(received > calls * 1.1, 'there are retries at all');
    });
  });
}

test('with a breaker it is left alone but for the probes', async () => {
  const { pipeline } = await storm({ retry: {}, breaker: {} }, 60, (_calls, received) =>
    assert.ok(received < 100, `${received}`),
  );
  assert.equal(pipeline.state().breaker!.kind, 'open');
});

test('a half-open breaker lets exactly its probes through to the upstream with a thousand calls waiting', async () => {
  const { pipeline, runtime } = await storm({ retry: {}, breaker: {} }, 1, () => undefined);
  await runtime.clock.advance(12_000);
  const gate = Promise.withResolvers<string>();
  let received = 0;
  const work = (): Promise<string> => ((received += 1), gate.promise);
  const calls = Array.from({ length: 1_000 }, () => pipeline.execute(work, { idempotent: true }));
  const settled = Promise.allSettled(calls);
  await runtime.clock.advance(100);
  assert.equal(received, 3);
  gate.resolve('up');
  const answered = (await settled).filter(({ status }) => status === 'fulfilled').length;
  assert.deepEqual([answered, received, pipeline.state().breaker!.kind], [3, 3, 'closed']);
});
