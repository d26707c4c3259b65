import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLruMap } from './lru.ts';

test('the entry that was not used for the longest time leaves first', () => {
  const map = createLruMap<string, number>({ maxEntries: 2 });
  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size], [1, undefined, 3, 2]);
});

test('the weights together stay within their bound, and what is too heavy alone is not kept', () => {
  const map = createLruMap<string, string>({ maxEntries: 100, maxWeight: 10, weigh: (text) => text.length });
  map.set('a', 'xxxx');
  map.set('b', 'xxxx');
  map.set('c', 'xxxx');
  assert.deepEqual([map.get('a'), map.size, map.weight], [undefined, 2, 8]);
  map.set('d', 'x'.repeat(11));
  assert.deepEqual([map.get('d'), map.size, map.weight], [undefined, 0, 0]);
});

test('setting a key again replaces its weight', () => {
  const map = createLruMap<string, string>({ maxEntries: 10, weigh: (text) => text.length });
  map.set('a', 'xxxx');
  map.set('a', 'xx');
  assert.equal(map.weight, 2);
  map.delete('a');
  map.delete('a');
  assert.equal(map.weight, 0);
});
