import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorKind, FlotillaError } from '../../kernel/index.ts';
import { errorFromProblem, kindOfStatus, problemResponse, statusOf } from '../index.ts';

const STATUSES: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  exhausted: 429,
  unavailable: 503,
  timeout: 504,
  cancelled: 499,
  internal: 500,
};

describe('problem details', () => {
  for (const [kind, status] of Object.entries(STATUSES) as [ErrorKind, number][]) {
    it(`tells ${kind} as ${status}, and reads ${status} of others as ${kind}`, () => {
      assert.equal(statusOf({ code: 'X', kind }), status);
      assert.equal(kindOfStatus(status), kind);
    });
  }

  for (const [code, status] of [
    ['BODY_TOO_LARGE', 413],
    ['UNSUPPORTED_MEDIA_TYPE', 415],
    ['METHOD_NOT_ALLOWED', 405],
    ['IDEMPOTENCY_KEY_REUSED', 422],
    ['URI_TOO_LONG', 414],
    ['HEADERS_TOO_LARGE', 431],
  ] as const) {
    it(`tells ${code} as ${status}`, () => assert.equal(statusOf({ code, kind: 'invalid' }), status));
  }

  it('says when to come back, rounded up and at least a second', () => {
    const after = (retryAfterMs: number): string | undefined =>
      problemResponse(new FlotillaError('X', { kind: 'exhausted', message: '', details: { retryAfterMs } })).headers[
        'retry-after'
      ];
    assert.deepEqual([0, 1, 1_000, 1_001, 1e12].map(after), ['1', '1', '1', '2', '86400']);
    assert.equal(after(Number.NaN), undefined);
  });

  it('shows nothing of what is not a Flotilla error', () => {
    const { body, status } = problemResponse(new Error('connect ECONNREFUSED db.internal:5432'));
    assert.equal(status, 500);
    assert.doesNotMatch(String(body), /ECONNREFUSED|db\.internal|at /);
    assert.match(String(body), /"code":"INTERNAL"/);
  });

  it('shows details that have no JSON form as none', () => {
    const { body } = problemResponse(new FlotillaError('X', { kind: 'conflict', message: 'm', details: { big: 1n } }));
    assert.equal('details' in JSON.parse(String(body)), false);
  });

  const foreign: [what: string, status: number, headers: Record<string, string>, body: string, expected: object][] = [
    [
      'bare text',
      503,
      { 'content-type': 'text/plain', 'retry-after': '2' },
      'down',
      { code: 'UPSTREAM_FAILED', kind: 'unavailable', details: { retryAfterMs: 2_000 } },
    ],
    ['a date to come back at', 503, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, '', { details: undefined }],
    ['a broken problem', 500, { 'content-type': 'application/problem+json' }, '{', { code: 'UPSTREAM_FAILED', kind: 'internal' }],
    [
      'a problem of strange types',
      409,
      { 'content-type': 'application/problem+json' },
      '{"code":7,"kind":"toString","retryable":"yes"}',
      { code: 'UPSTREAM_FAILED', kind: 'conflict', retryable: false },
    ],
    ['a problem that is a list', 404, { 'content-type': 'application/problem+json; charset=utf-8' }, '[]', { kind: 'not-found' }],
    [
      'a poisoned problem',
      400,
      { 'content-type': 'application/problem+json' },
      '{"__proto__":{"code":"X"}}',
      { code: 'UPSTREAM_FAILED' },
    ],
    [
      'a code that is none',
      400,
      { 'content-type': 'application/problem+json' },
      '{"code":"<script>"}',
      { code: 'UPSTREAM_FAILED' },
    ],
    ['a redirect', 302, {}, '', { kind: 'internal' }],
  ];
  for (const [what, status, headers, body, expected] of foreign) {
    it(`makes the best of ${what}`, () => {
      const error = errorFromProblem(status, headers, body);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(error[key as keyof FlotillaError], value, key);
    });
  }
});
