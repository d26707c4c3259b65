import assert from 'node:assert/strict';
import { it } from 'node:test';
import { commonVersion } from './version.ts';

for (const [theirs, ours, common] of [
  ['1.0', '1.0', '1.0'],
  ['1.1', '1.0', '1.0'],
  ['1.0', '1.1', '1.0'],
  ['1.12', '1.9', '1.9'],
  ['2.0', '1.9', undefined],
  ['0.9', '1.0', undefined],
  ['1', '1.0', undefined],
  ['1.0.0', '1.0', undefined],
  ['', '1.0', undefined],
  [undefined, '1.0', undefined],
] as const) {
  it(`agrees on ${common} between ${theirs} and ${ours}`, () => assert.equal(commonVersion(theirs, ours), common));
}
