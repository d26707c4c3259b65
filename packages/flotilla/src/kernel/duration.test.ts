import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs, isFlotillaError } from './index.ts';

test('a duration is milliseconds, or a number with a unit', () => {
  const cases: [Parameters<typeof durationMs>[0], number][] = [
    [0, 0],
    [250, 250],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ];
  for (const [text, expected] of cases) assert.equal(durationMs(text), expected);
});

test('anything else is refused with a sentence that shows the right form', () => {
  for (const bad of ['', '5', '5 s', '-1s', '1e3s', 'soon', '5S', Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => durationMs(bad),
      (error) => isFlotillaError(error) && error.code === 'INVALID_DURATION' && error.message.includes("'500ms'"),
      String(bad),
    );
  }
});
