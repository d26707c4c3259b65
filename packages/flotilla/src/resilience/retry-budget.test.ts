import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

  it('is not moved by a wall clock that jumps', () => {
    const { clock, withdrawAll } = open();
    withdrawAll();
    clock.step(3_600_000);
    assert.equal(withdrawAll(), 0);
  });
});
