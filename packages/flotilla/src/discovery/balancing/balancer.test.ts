import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listedInstance } from '../../testing/index.ts';
import type { Instance } from '../index.ts';
import { counts, fail, set, setting } from '../test/balancing.ts';

const POLICIES = ['least-request', 'weighted-round-robin', 'random', 'rendezvous'] as const;

test('with nobody to call, or nobody with a weight, the answer comes at once and says that nothing was sent', () => {
  for (const policy of POLICIES) {
    const { balancer } = setting({ policy });
    for (const instances of [[], set(3, { weight: 0 })]) {
      const expected = { code: 'NO_ENDPOINTS', kind: 'unavailable', retryable: true, details: { sent: false } };
      assert.throws(() => balancer.pick(instances), expected);
    }
  }
});

test('a weight that is no number is an error, not a strange choice', () => {
  const { balancer } = setting();
  for (const weight of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.throws(() => balancer.pick(set(2, { weight })), { code: 'INVALID_INSTANCE', kind: 'invalid' });
  }
});

test('an instance of weight 0 drains: it is never picked while another is there', () => {
  for (const policy of POLICIES) {
    const { balancer } = setting({ policy });
    const instances = [...set(3), listedInstance('drained', { weight: 0 })];
    assert.equal(counts(balancer, instances).get('drained'), 0);
  }
});

test('every policy gives idle instances shares by weight', () => {
  for (const policy of POLICIES) {
    const { balancer } = setting({ policy });
    const instances = [listedInstance('one'), listedInstance('three', { weight: 3 })];
    const three = counts(balancer, instances, { picks: 4_000 }).get('three')! / 4_000;
    assert.ok(three > 0.7 && three < 0.8, `${policy} gave ${three}`);
  }
});

test('smooth round robin never bunches what it can spread', () => {
  const { balancer } = setting({ policy: 'weighted-round-robin' });
  const instances = [listedInstance('a', { weight: 5 }), listedInstance('b'), listedInstance('c')];
  const order = Array.from({ length: 14 }, () => balancer.pick(instances).id).join('');
  assert.equal(order, 'aabacaaaabacaa');
});

test('least request: of any two, the busier one is never taken', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 2, maxLength: 8 }), (loads) => {
      const { balancer } = setting();
      const instances = set(loads.length);
      balancer.pick(instances);
      loads.forEach((load, index) => {
        for (let call = 0; call < load; call++) balancer.begin(instances[index]!);
      });
      const busiest = Math.max(...loads);
      if (loads.filter((load) => load === busiest).length > 1) return;
      assert.equal(counts(balancer, instances, { picks: 50 }).get(`i${loads.indexOf(busiest)}`), 0);
    }),
  );
});

test('least request: calls that stay open spread evenly over any number of instances', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 }), (size, each) => {
      const { balancer } = setting();
      const instances = set(size);
      for (let call = 0; call < size * each; call++) balancer.begin(balancer.pick(instances));
      const loads = balancer.view().map(({ inFlight }) => inFlight);
      // Two choices keep the fullest within a few calls of the average; one random choice would be far off.
      assert.ok(Math.max(...loads) <= each + 5, `${Math.max(...loads)} of ${each}`);
    }),
  );
});

test('whoever was tried already is avoided unless nobody else is left', () => {
  for (const policy of POLICIES) {
    const { balancer } = setting({ policy });
    const instances = set(3);
    assert.equal(balancer.pick(instances, { excluded: new Set(['i0', 'i2']) }).id, 'i1');
    assert.ok(balancer.pick(instances, { excluded: new Set(['i0', 'i1', 'i2']) }));
  }
});

test('the own zone is preferred while somebody in it is left', () => {
  const { balancer } = setting();
  const instances = [...set(4, { zone: 'b' }), listedInstance('near', { zone: 'a' })];
  assert.equal(counts(balancer, instances, { zone: 'a', picks: 100 }).get('near'), 100);
  assert.notEqual(balancer.pick(instances, { zone: 'a', excluded: new Set(['near']) }).id, 'near');
  assert.ok(balancer.pick(instances, { zone: 'nowhere' }));
  fail(balancer, instances[4]!);
  assert.equal(counts(balancer, instances, { zone: 'a', picks: 100 }).get('near'), 0);
});

test('rendezvous: one that comes or goes moves about its share of the keys, and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(1_000), (size, salt) => {
      const { balancer } = setting({ policy: 'rendezvous' });
      const before = set(size);
      const after = before.slice(0, -1);
      const keys = Array.from({ length: 2_000 }, (_, key) => `${salt}-${key}`);
      const place = (instances: Instance[]): string[] => keys.map((key) => balancer.pick(instances, { key }).id);
      const [with_, without] = [place(before), place(after)];
      const gone = `i${size - 1}`;
      const moved = keys.filter((_, key) => with_[key] !== without[key]);
      assert.ok(moved.length / keys.length < 1.35 / size, `${moved.length / keys.length} of 1/${size} moved`);
      assert.ok(with_.every((id, key) => id === gone || id === without[key]));
    }),
    { numRuns: 25 },
  );
});

test('rendezvous: no instance carries more than 1.25 times its share, however uneven the keys', () => {
  const { balancer } = setting({ policy: 'rendezvous' });
  const instances = set(4);
  for (let call = 0; call < 400; call++) balancer.begin(balancer.pick(instances, { key: 'the same for all' }));
  const loads = balancer.view().map(({ inFlight }) => inFlight);
  assert.ok(Math.max(...loads) <= 126, String(loads));
});

test('a newcomer warms up evenly over 30 s; those that were there first do not', async () => {
  for (const policy of ['least-request', 'weighted-round-robin', 'random'] as const) {
    const { balancer, runtime } = setting({ policy });
    const old = set(1);
    balancer.pick(old);
    const instances = [...old, listedInstance('new')];
    const share = (): number => counts(balancer, instances, { picks: 2_000 }).get('new')! / 2_000;
    assert.ok(Math.abs(share() - 0.1 / 1.1) < 0.04, `${policy} began with ${share()}`);
    await runtime.clock.advance(15_000);
    assert.ok(Math.abs(share() - 0.5 / 1.5) < 0.05);
    await runtime.clock.advance(15_000);
    assert.ok(Math.abs(share() - 0.5) < 0.05);
  }
});

test('slow start: the older a newcomer, the larger its share, until it is like the others, whoever came when', async () => {
  const arrivals = fc.array(fc.nat(40_000), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.constantFrom('weighted-round-robin', 'random'), async (pauses, policy) => {
      const { balancer, runtime } = setting({ policy });
      let instances = set(1);
      balancer.pick(instances);
      const born = new Map<string, number>();
      for (const [index, pause] of pauses.entries()) {
        await runtime.clock.advance(pause);
        instances = [...instances, listedInstance(`new${index}`)];
        born.set(`new${index}`, runtime.clock.monotonic());
        balancer.pick(instances);
      }
      const picks = 4_000;
      const picked = counts(balancer, instances, { picks });
      const warmth = (id: string): number =>
        Math.min(1, Math.max(0.1, (runtime.clock.monotonic() - (born.get(id) ?? -Infinity)) / 30_000));
      const sum = instances.reduce((total, { id }) => total + warmth(id), 0);
      for (const { id } of instances) {
        assert.ok(Math.abs(picked.get(id)! / picks - warmth(id) / sum) < 0.05, `${policy}: ${id} got ${picked.get(id)}`);
      }
    }),
    { numRuns: 60 },
  );
});

test('accounting survives a change of the list; a newer incarnation starts afresh', () => {
  const { balancer } = setting();
  const instances = set(3);
  balancer.pick(instances);
  const flights = [balancer.begin(instances[0]!), balancer.begin(instances[0]!)];
  fail(balancer, instances[1]!);
  balancer.pick([...instances, listedInstance('late')]);
  assert.deepEqual(
    balancer.view().map(({ inFlight }) => inFlight),
    [2, 0, 0, 0],
  );
  balancer.pick([listedInstance('i0', { epoch: 2 }), listedInstance('i1', { epoch: 2 })]);
  assert.ok(balancer.view().every(({ inFlight, ejectedForMs }) => inFlight === 0 && ejectedForMs === 0));
  for (const flight of flights) balancer.end(flight, 'success');
  assert.ok(balancer.view().every(({ inFlight }) => inFlight === 0));
});

test('begun and ended calls always balance', () => {
  const outcome = fc.constantFrom('success', 'failure', 'ignored');
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 100 }), fc.integer({ min: 1, max: 5 }), (outcomes, size) => {
      const { balancer } = setting();
      const flights = outcomes.map(() => balancer.begin(balancer.pick(set(size))));
      flights.forEach((flight, index) => balancer.end(flight, outcomes[index]!));
      assert.ok(balancer.view().every(({ inFlight }) => inFlight === 0));
    }),
  );
});
