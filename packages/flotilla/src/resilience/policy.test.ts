import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergePolicies, type Policy, resolvePolicy, standardPolicy } from './index.ts';

test('the standard policy has the defaults that the documentation states', () => {
  assert.deepEqual(resolvePolicy(standardPolicy), {
    timeout: { attemptMs: 5_000, totalMs: 15_000 },
    retry: { attempts: 3, delayMs: 50, maxDelayMs: 1_000 },
    budget: { ratio: 0.2, floorPerSecond: 10 },
    breaker: {
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 10_000,
      openMs: 10_000,
      maxOpenMs: 60_000,
      probes: 3,
      maxProbingMs: 30_000,
      failureKinds: ['unavailable', 'timeout', 'internal'],
    },
    bulkhead: { limit: 100, queue: 0 },
  });
});

test('what is not written is not there, and 0 is no limit of time', () => {
  const none = { timeout: { attemptMs: Infinity, totalMs: Infinity }, budget: { ratio: 0.2, floorPerSecond: 10 } };
  assert.deepEqual(resolvePolicy({}), none);
  assert.deepEqual(resolvePolicy({ timeout: { attempt: 0, total: '0s' } }), none);
});

test('a breaker that opens for longer than the maximum stays open for that long', () => {
  assert.equal(resolvePolicy({ breaker: { openFor: '2m' } }).breaker?.maxOpenMs, 120_000);
});

test('hedging takes the place of retries', () => {
  const { hedge, retry } = resolvePolicy({ hedge: {}, retry: {} });
  assert.deepEqual([hedge, retry], [{ attempts: 2, delayMs: 'p95' }, undefined]);
});

test('an adaptive limit stays below the limit of the bulkhead beside it', () => {
  assert.deepEqual(resolvePolicy({ adaptive: {} }).adaptive, { start: 20, min: 4, max: 1_000 });
  assert.deepEqual(resolvePolicy({ adaptive: {}, bulkhead: { limit: 10 } }).adaptive, { start: 10, min: 4, max: 10 });
});

test('of several policies the last that writes a setting is taken, and false takes a stage out', () => {
  const merged = mergePolicies(
    standardPolicy,
    { timeout: { attempt: '1s' }, retry: { attempts: 5 }, breaker: false },
    { timeout: { total: '2s' }, retry: { delay: '10ms' }, hedge: {} },
    { hedge: false, breaker: { probes: 1 } },
  );
  assert.deepEqual(merged, {
    timeout: { attempt: '1s', total: '2s' },
    retry: { attempts: 5, delay: '10ms' },
    breaker: { probes: 1 },
    bulkhead: {},
    hedge: false,
  });
});

test('what can not work is refused, and the message names the setting', () => {
  const bad: [Policy, RegExp][] = [
    [{ retry: { attempts: 0 } }, /retry\.attempts/],
    [{ retry: { attempts: 1.5 } }, /retry\.attempts/],
    [{ hedge: { attempts: Number.NaN } }, /hedge\.attempts/],
    [{ budget: { ratio: -1 } }, /budget\.ratio/],
    [{ budget: { ratio: Number.NaN } }, /budget\.ratio/],
    [{ breaker: { failureRatio: 50 } }, /breaker\.failureRatio.*0 to 1/],
    [{ breaker: { minimumCalls: 0 } }, /breaker\.minimumCalls/],
    [{ breaker: { window: 0 } }, /breaker\.window/],
    [{ breaker: { probes: 0 } }, /breaker\.probes/],
    [{ bulkhead: { limit: 0 } }, /bulkhead\.limit/],
    [{ bulkhead: { queue: -1 } }, /bulkhead\.queue/],
    [{ adaptive: { min: 0 } }, /adaptive\.min/],
  ];
  for (const [policy, message] of bad) assert.throws(() => resolvePolicy(policy), { code: 'INVALID_POLICY', message });
  assert.throws(() => resolvePolicy({ timeout: { attempt: '5 s' as never } }), { code: 'INVALID_DURATION' });
});
