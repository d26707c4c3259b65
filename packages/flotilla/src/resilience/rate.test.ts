import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRate } from './rate.ts';

test('a rate is a whole number and a unit, long or short', () => {
  assert.deepEqual(parseRate('1000/hour'), { limit: 1000, windowMs: 3_600_000 });
  assert.deepEqual(parseRate('1/s'), { limit: 1, windowMs: 1_000 });
  assert.deepEqual(parseRate('5/minute'), parseRate('5/m'));
  assert.deepEqual(parseRate('5/day'), parseRate('5/d'));
  assert.equal(parseRate('1000000000/s').limit, 1e9);
});

test('everything else is refused', () => {
  const bad = [
    '1000/fortnight',
    '0/hour',
    '-1/s',
    '1e3/hour',
    '1.5/s',
    '01/s',
    '1000000001/s',
    '10/hours',
    '10 / s',
    '/s',
    '10',
    '',
    '10/S',
  ];
  for (const text of bad) assert.throws(() => parseRate(text), { code: 'INVALID_RATE' }, text);
});
