import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError, isFlotillaError, toFlotillaError } from './index.ts';

test('an error is recognised by its symbol, so one made by another copy of the library counts', () => {
  const foreign = { [Symbol.for('flotilla.error')]: true, code: 'OUT_OF_STOCK', kind: 'conflict' };
  assert.ok(isFlotillaError(foreign));
  assert.ok(isFlotillaError(new FlotillaError('X', { kind: 'invalid', message: 'x' })));
  const others = [new Error('x'), { code: 'X', kind: 'invalid' }, null, undefined, 'X', 7];
  for (const other of others) assert.equal(isFlotillaError(other), false);
});

test('only failures that may pass by themselves are retryable unless said otherwise', () => {
  const retryable = (kind: ConstructorParameters<typeof FlotillaError>[1]['kind']): boolean =>
    new FlotillaError('X', { kind, message: 'x' }).retryable;
  for (const kind of ['unavailable', 'timeout', 'exhausted'] as const) assert.equal(retryable(kind), true, kind);
  for (const kind of ['invalid', 'unauthenticated', 'forbidden', 'not-found', 'conflict', 'cancelled', 'internal'] as const) {
    assert.equal(retryable(kind), false, kind);
  }
  assert.equal(new FlotillaError('X', { kind: 'conflict', message: 'x', retryable: true }).retryable, true);
});

test('a surprise becomes INTERNAL and keeps its message for the log only', () => {
  const surprise = new Error('password=hunter2');
  const error = toFlotillaError(surprise);
  assert.equal(error.code, 'INTERNAL');
  assert.equal(error.cause, surprise);
  assert.ok(!error.message.includes('hunter2'));
  assert.equal(toFlotillaError(error), error);
});
