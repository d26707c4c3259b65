import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChain } from './open-chain.ts';
import { LENGTH } from './hops.ts';

test('through eight processes each has less time than the one before, and the last one enough', { timeout: 60_000 }, async () => {
  await using chain = await openChain();
  const left = await chain.pass(LENGTH);
  assert.equal(left.length, LENGTH);
  for (const [index, ms] of left.entries()) assert.ok(ms > 0 && ms < (left[index - 1] ?? Infinity), left.join(' '));
  assert.equal((await chain.pass(1)).length, 1);
});
