import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { counts, fail, set, setting } from '../test/balancing.ts';

test('an instance that fails five times in a row is left alone for a while that grows, and is forgiven', async () => {
  const { balancer, runtime } = setting();
  const instances = set(4);
  const bad = instances[0]!;
  balancer.pick(instances);
  const ejectedForMs = (): number => balancer.view()[0]!.ejectedForMs;
  fail(balancer, bad, 4);
  balancer.end(balancer.begin(bad), 'success');
  fail(balancer, bad, 4);
  assert.equal(ejectedForMs(), 0);
  for (const times of [1, 2, 3]) {
    fail(balancer, bad);
    const forMs = ejectedForMs();
    assert.ok(forMs >= 30_000 * times && forMs <= 33_000 * times, `${forMs} the ${times}. time`);
    assert.equal(counts(balancer, instances, { picks: 200 }).get('i0'), 0);
    await runtime.clock.advance(forMs);
    assert.ok(counts(balancer, instances, { picks: 200 }).get('i0')! > 0);
  }
  await runtime.clock.advance(10 * 60_000);
  fail(balancer, bad);
  assert.ok(ejectedForMs() <= 33_000);
});

test('an ejection lasts at most 300 s, and some jitter', async () => {
  const { balancer, runtime } = setting();
  balancer.pick(set(2));
  for (let time = 0; time < 20; time++) {
    fail(balancer, balancer.view()[0]!.instance);
    const { ejectedForMs } = balancer.view()[0]!;
    assert.ok(ejectedForMs <= 330_000);
    await runtime.clock.advance(ejectedForMs);
  }
});

test('never more than half of any set is ejected, and a single one never', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(11), { maxLength: 60 }), (size, victims) => {
      const { balancer } = setting();
      const instances = set(size);
      balancer.pick(instances);
      for (const victim of victims) fail(balancer, instances[victim % size]!);
      const ejected = balancer.view().filter(({ ejectedForMs }) => ejectedForMs > 0);
      assert.ok(ejected.length <= Math.floor(size / 2));
      const out = new Set(ejected.map(({ instance }) => instance.id));
      for (const [id, picked] of counts(balancer, instances, { picks: 50 })) assert.ok(!out.has(id) || picked === 0);
    }),
  );
});

test('whatever fails when: who is out gets nothing, comes back in time, and never is more than half of all out', async () => {
  const step = fc.record({
    pause: fc.oneof(fc.nat(2_000), fc.nat(60_000)),
    victim: fc.nat(9),
    times: fc.nat(12),
    recovers: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 30 }), async (size, steps) => {
      const { balancer, runtime } = setting();
      const instances = set(size);
      balancer.pick(instances);
      for (const { pause, victim, times, recovers } of steps) {
        await runtime.clock.advance(pause);
        const instance = instances[victim % size]!;
        fail(balancer, instance, times);
        if (recovers) balancer.end(balancer.begin(instance), 'success');
        const out = balancer.view().filter(({ ejectedForMs }) => ejectedForMs > 0);
        assert.ok(out.length <= Math.floor(size / 2));
        assert.ok(out.every(({ ejectedForMs }) => ejectedForMs <= 330_000));
        const picked = counts(balancer, instances, { picks: 20 });
        for (const { instance: ejected } of out) assert.equal(picked.get(ejected.id), 0);
      }
      await runtime.clock.advance(330_000);
      assert.ok(balancer.view().every(({ ejectedForMs }) => ejectedForMs === 0));
    }),
    { numRuns: 100 },
  );
});

test('when less than half are left in, all are called', () => {
  const { balancer } = setting();
  const four = set(4);
  balancer.pick(four);
  for (const bad of four.slice(0, 2)) fail(balancer, bad);
  const three = four.slice(0, 3);
  assert.ok([...counts(balancer, three).values()].every((count) => count > 200));
});

test('a clock that jumps moves no ejection', async () => {
  const { balancer, runtime } = setting();
  const instances = set(2);
  balancer.pick(instances);
  fail(balancer, instances[0]!);
  const before = balancer.view()[0]!.ejectedForMs;
  runtime.clock.step(3_600_000);
  assert.equal(balancer.view()[0]!.ejectedForMs, before);
});
