import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drainOrder } from './drain-order.ts';
import { changedParts } from './fleet.ts';

const part = (name: string, ...calls: string[]) => ({ name, calls });

test('the gateway stops first, then callers before those they call, circles together', () => {
  const parts = [part('stock'), part('orders', 'stock', 'pay'), part('gateway'), part('pay', 'bank'), part('bank')];
  assert.deepEqual(drainOrder(parts), [['gateway'], ['orders'], ['stock', 'pay'], ['bank']]);
  assert.deepEqual(drainOrder([part('a', 'b'), part('b', 'a'), part('c', 'c')]), [['c'], ['a', 'b']]);
});

test('a part has changed when something it is made from came, went or is another', () => {
  const made = (name: string, madeFrom: Record<string, string>) => ({ name, calls: [], madeFrom });
  const before = [made('a', { x: '1', y: '1' }), made('b', { x: '1' }), made('gone', {})];
  const after = [made('a', { x: '2', z: '1' }), made('b', { x: '1' }), made('new', { x: '1' })];
  assert.deepEqual(changedParts(before, after), [{ part: 'a', why: ['x', 'y', 'z'] }]);
});
