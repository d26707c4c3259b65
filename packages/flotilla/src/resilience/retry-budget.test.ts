import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFakeRuntime } from '../testing/index.ts';
import { createRetryBudget } from './index.ts';

function open() {
  const { clock } = createFakeRuntime();
  const budget = createRetryBudget({ clock });
  const withdrawAll = (): number => {
    let count = 0;
    while (budget.withdraw()) count++;
    return count;
  };
  return { clock, budget, withdrawAll };
}

describe('a retry budget', () => {
  it('allows ten retries a second to a quiet upstream, whenever it was quiet', async () => {
    const { clock, withdrawAll } = open();
    assert.equal(withdrawAll(), 10);
    await clock.advance(60_000);
    assert.equal(withdrawAll(), 10);
  });

  it('allows a fifth of the traffic on top', () => {
    const { budget, withdrawAll } = open();
    for (let request = 0; request < 1_000; request++) budget.deposit();
    assert.equal(withdrawAll(), 210);
  });

  it('forgets what is older than ten seconds, bit by bit', async () => {
    const { clock, budget, withdrawAll } = open();
    for (let request = 0; request < 500; request++) budget.deposit();
    assert.equal(withdrawAll(), 110);
    await clock.advance(5_000);
    assert.equal(withdrawAll(), 10);
    for (let request = 0; request < 500; request++) budget.deposit();
    assert.equal(withdrawAll(), 100);
    await clock.advance(5_000);
    assert.equal(withdrawAll(), 10);
    await clock.advance(3_600_000);
    assert.equal(withdrawAll(), 10);
  });

  it('never allows more than its definition, and refuses nothing that it allows, for any traffic', async () => {
    const step = fc.record({ pause: fc.oneof(fc.nat(900), fc.nat(30_000)), calls: fc.nat(60), retries: fc.nat(40) });
    const policy = fc.record({
      ratio: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
      floorPerSecond: fc.nat(12),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), policy, async (steps, { ratio, floorPerSecond }) => {
        const { clock } = createFakeRuntime();
        const budget = createRetryBudget({ clock, ratio, floorPerSecond });
        const called: number[] = [];
        const shared: number[] = [];
        const second = (): number => Math.floor(clock.monotonic() / 1_000);
        // The last ten seconds are the present one and the nine before it.
        const recent = (times: readonly number[]): number => times.filter((at) => at > second() - 10).length;
        let floor = { second: 0, used: 0 };
        for (const { pause, calls, retries } of steps) {
          await clock.advance(pause);
          if (floor.second !== second()) floor = { second: second(), used: 0 };
          for (let call = 0; call < calls; call += 1) {
            budget.deposit();
            called.push(second());
          }
          for (let retry = 0; retry < retries; retry += 1) {
            const isShared = recent(shared) < Math.floor(recent(called) * ratio);
            const isFloor = !isShared && floor.used < floorPerSecond;
            assert.equal(budget.withdraw(), isShared || isFloor);
            if (isShared) shared.push(second());
            else if (isFloor) floor.used += 1;
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is not moved by a wall clock that jumps', () => {
    const { clock, withdrawAll } = open();
    withdrawAll();
    clock.step(3_600_000);
    assert.equal(withdrawAll(), 0);
  });
});
