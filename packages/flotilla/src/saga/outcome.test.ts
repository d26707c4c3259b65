import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUnsent, markDeclared } from '../client/index.ts';
import { type ErrorKind, FlotillaError } from '../kernel/index.ts';
import { outcomeOf } from './outcome.ts';

function error(kind: ErrorKind, retryable?: boolean): FlotillaError {
  return new FlotillaError('X', { kind, message: 'x', ...(retryable !== undefined && { retryable }) });
}

function brief(thrown: unknown, mayHaveActed = false): string {
  const { status, failure } = outcomeOf(thrown, { mayHaveActed, wasRefused: false });
  return `${status}${failure.retry ? ', again' : ''}`;
}

test('a refusal is definite: nothing was done, and trying again is pointless', () => {
  for (const kind of ['invalid', 'forbidden', 'unauthenticated', 'not-found', 'conflict'] as const) {
    assert.equal(brief(error(kind)), 'failed', kind);
  }
});

test('whatever may have taken effect is unknown and tried again', () => {
  for (const kind of ['timeout', 'unavailable', 'cancelled', 'internal', 'exhausted'] as const) {
    assert.equal(brief(error(kind)), 'unknown, again', kind);
  }
  assert.equal(brief(new Error('a surprise')), 'unknown, again');
  assert.equal(brief(error('conflict', true)), 'unknown, again');
});

test('a declared error that trying again would not change is definite whatever its kind; one that may pass is not', () => {
  assert.equal(brief(markDeclared(error('unavailable', false))), 'failed');
  assert.equal(brief(markDeclared(error('unavailable'))), 'unknown, again');
});

test('the journal remembers that a command was refused for good', () => {
  const { failure } = outcomeOf(markDeclared(error('conflict')), { mayHaveActed: false, wasRefused: true });
  assert.equal(failure.refused, true);
});

test('a call that never left this process is definite, and tried again', () => {
  assert.equal(brief(asUnsent(error('unavailable'))), 'failed, again');
  assert.equal(brief(asUnsent(error('unavailable')), true), 'unknown, again');
});

test('a definite failure after another effect leaves that to be undone', () => {
  assert.equal(brief(error('conflict'), true), 'unknown');
});
