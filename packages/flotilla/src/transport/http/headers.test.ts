import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { createKeyCheck, createMetadataReader, MAX_TIMEOUT_MS, metadataHeaders } from './headers.ts';

const systemKey = 'k'.repeat(43);
const read = createMetadataReader({ systemKey, runtime: systemRuntime, defaultTimeoutMs: 7_000 });
const trusted = { 'x-internal-key': systemKey };

describe('call metadata in headers', () => {
  const timeouts: [text: string, ms: number][] = [
    ['1500', 1_500],
    ['0.5', 0.5],
    ['1e12', MAX_TIMEOUT_MS],
    ['99999999999999', MAX_TIMEOUT_MS],
    ['abc', 7_000],
    ['', 7_000],
    ['5x', 7_000],
    ['Infinity', 7_000],
    ['0x10', 7_000],
    ['1, 2', 7_000],
  ];
  for (const [text, ms] of timeouts) {
    it(`reads a time limit of '${text}' as ${ms} ms`, () => assert.equal(read({ 'x-request-timeout-ms': text }).remainingMs, ms));
  }

  for (const text of ['0', '-1', '-0', '0.0']) {
    it(`refuses to start with a time limit of ${text}`, () => {
      assert.throws(() => read({ 'x-request-timeout-ms': text }), { code: 'DEADLINE_EXCEEDED', kind: 'timeout' });
    });
  }

  for (const bad of [
    '00-00000000000000000000000000000000-0123456789abcdef-01',
    '00-0123456789abcdef0123456789abcdef-0000000000000000-01',
    '00-0123456789ABCDEF0123456789ABCDEF-0123456789abcdef-01',
    'junk',
    '',
  ]) {
    it(`starts a new trace instead of '${bad}'`, () => {
      const { trace } = read({ traceparent: bad });
      assert.match(trace.traceId, /^[0-9a-f]{32}$/);
      assert.ok(!bad.includes(trace.traceId));
    });
  }

  it('follows a trace of anybody', () => {
    const { trace } = read({ traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01', tracestate: 'v=1' });
    assert.deepEqual(
      { ...trace },
      { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', flags: 1, tracestate: 'v=1' },
    );
  });

  for (const key of ['a'.repeat(256), 'with space', 'ä', 'a\tb', 'one, two', '']) {
    it(`refuses the idempotency key ${JSON.stringify(key.slice(0, 20))}`, () => {
      assert.throws(() => read({ 'idempotency-key': key }), { code: 'INVALID_IDEMPOTENCY_KEY', kind: 'invalid' });
    });
  }

  it('takes an idempotency key of up to 255 characters', () => {
    assert.equal(read({ 'idempotency-key': '~'.repeat(255) }).idempotencyKey, '~'.repeat(255));
  });

  it('sends a limit also for a call that has none', () => {
    const headers = metadataHeaders({ ...read({}), remainingMs: Infinity }, systemKey);
    assert.equal(read(headers).remainingMs, MAX_TIMEOUT_MS);
  });

  it('binds a gateway by the rights of its users', () => {
    const { caller } = read({ ...trusted, 'x-caller': 'gateway' });
    assert.deepEqual(caller, { internal: false, name: 'gateway' });
  });

  it('starts a new correlation for junk', () => {
    for (const junk of ['', '%ff', 'x'.repeat(5_000)]) {
      assert.match(read({ ...trusted, 'x-correlation-id': junk }).correlationId, /^[0-9a-f-]{36}$/);
    }
  });

  it('takes roles and scopes only with a user', () => {
    const { identity } = read({ ...trusted, 'x-user-roles': 'admin' });
    assert.deepEqual(identity.roles, []);
  });

  it('never believes an empty key', () => assert.equal(createKeyCheck('')(''), false));
});
