import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { effectivePolicy, type Policies } from './index.ts';

const nothing = { input: z.void(), output: z.void() };
const stock = contract('stock', {
  version: '1.0.0',
  team: 'warehouse',
  queries: { level: { ...nothing, timeout: '500ms' }, all: nothing },
});

const setting = (operation: keyof typeof stock.queries, policies: Policies, key: string): unknown[] => {
  const found = effectivePolicy(stock.queries[operation], policies).find((one) => one.setting === key);
  return [found?.value, found?.from];
};

test('the more specific always wins, setting by setting, and says so', () => {
  const policies: Policies = {
    all: { retry: { attempts: 5 }, timeout: { total: '20s', attempt: '9s' } },
    services: { stock: { policy: { timeout: { total: '10s' } }, operations: { level: { timeout: { attempt: '100ms' } } } } },
  };
  assert.deepEqual(setting('level', {}, 'timeout.attempt'), [500, 'contract']);
  assert.deepEqual(setting('level', policies, 'timeout.attempt'), [100, 'operation']);
  assert.deepEqual(setting('level', policies, 'timeout.total'), [10_000, 'service']);
  assert.deepEqual(setting('all', policies, 'timeout.attempt'), [9_000, 'system']);
  assert.deepEqual(setting('all', policies, 'retry.attempts'), [5, 'system']);
  assert.deepEqual(setting('all', {}, 'retry.attempts'), [3, 'default']);
  assert.deepEqual(setting('all', {}, 'bulkhead.queue'), [1_000, 'default']);
});

test('a setting is found by the name it is written with, and so is a stage that was taken out', () => {
  assert.deepEqual(setting('all', { all: { breaker: { openFor: '20s' } } }, 'breaker.openFor'), [20_000, 'system']);
  assert.deepEqual(setting('all', { all: { timeout: false } }, 'timeout'), [false, 'system']);
});

test('of a stage that was taken out only that shows', () => {
  assert.deepEqual(setting('all', { all: { breaker: false } }, 'breaker.probes'), [undefined, undefined]);
});
