import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainPolicy, standardPolicy } from './index.ts';

test('every setting in effect is there with the one who wrote it last', () => {
  const rows = explainPolicy([
    { from: 'system', policy: standardPolicy },
    { from: 'service stock', policy: { timeout: { attempt: '1s' }, retry: { attempts: 5 }, breaker: false } },
    { from: 'operation level', policy: { retry: { attempts: 2 }, fallback: () => 0 } },
  ]);
  const shown = rows.map(({ setting, value, from }) => `${setting} ${String(value)} ${from}`);
  assert.deepEqual(shown, [
    'timeout.attempt 1000 service stock',
    'timeout.total 15000 default',
    'retry.attempts 2 operation level',
    'retry.delay 50 default',
    'retry.maxDelay 1000 default',
    'budget.ratio 0.2 default',
    'budget.floorPerSecond 10 default',
    'breaker false service stock',
    'bulkhead.limit 100 default',
    'bulkhead.queue 0 default',
    'fallback true operation level',
  ]);
});

test('a stage that was taken out and put in again has forgotten what it was', () => {
  const rows = explainPolicy([
    { from: 'system', policy: { bulkhead: { limit: 7 } } },
    { from: 'service', policy: { bulkhead: false } },
    { from: 'operation', policy: { bulkhead: { queue: 1 } } },
  ]);
  assert.deepEqual(rows, [
    { setting: 'bulkhead.limit', value: 100, from: 'default' },
    { setting: 'bulkhead.queue', value: 1, from: 'operation' },
  ]);
});

test('without a policy there is nothing to say', () => assert.deepEqual(explainPolicy([{ from: 'system', policy: {} }]), []));
