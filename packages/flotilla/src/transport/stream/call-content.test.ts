import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { systemRuntime } from '../../kernel/index.ts';
import { anonymous } from '../../security/index.ts';
import { startTrace } from '../../telemetry/index.ts';
import type { Call } from '../call.ts';
import { readCall, writeCall } from './call-content.ts';
import { CALL, type Content, Frame } from './frame.ts';
import { frameBytes } from './test/frame-bytes.ts';

function asFrame(content: Content): Frame {
  const frame = new Frame();
  frame.view(frameBytes({ type: CALL, id: 1, ...content }), 0);
  return frame;
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
/** Without the keys that no input may have. */
const harmless = fc.jsonValue().filter((value) => !/__proto__|prototype|constructor/.test(JSON.stringify(value)));
const texts = fc.array(text, { maxLength: 4 });
const identity = fc.oneof(
  fc.constant(anonymous),
  fc.record({ subject: text, roles: texts, scopes: texts }, { noNullPrototype: true }),
);
const metadata = fc.record(
  {
    identity,
    caller: fc.constantFrom({ internal: true, name: 'service:orders' }, { internal: false, name: 'gateway' }),
    trace: fc.constant(null).map(() => startTrace(systemRuntime.random)),
    correlationId: text,
    remainingMs: fc.integer({ min: 1, max: 300_000 }),
    attempt: fc.integer({ min: 1, max: 9 }),
    idempotencyKey: fc.constantFrom('key-1', '/a:b', undefined),
  },
  { noNullPrototype: true },
);

describe('a call on the wire', () => {
  it('arrives with everything that belongs to it', () => {
    const property = fc.property(metadata, harmless, fc.option(text), (given, input, tracestate) => {
      const trace = tracestate === null ? given.trace : { ...given.trace, tracestate };
      const call: Call = { service: 'orders', operation: 'place', input, metadata: { ...given, trace } };
      // Through JSON once: there is only one zero in it.
      assert.deepEqual(readCall(asFrame(writeCall(call))), { ...call, input: JSON.parse(JSON.stringify(input)) as unknown });
    });
    fc.assert(property, { numRuns: 300 });
  });

  const call: Call = {
    service: 'orders',
    operation: 'place',
    input: undefined,
    metadata: {
      identity: anonymous,
      caller: { internal: true, name: 'service:a' },
      trace: { traceId: '0'.repeat(32), spanId: '1'.repeat(16), flags: 1 },
      correlationId: 'c',
      remainingMs: 10,
      attempt: 1,
    },
  };

  it('is short when there is little to say', () => {
    const { head, body } = writeCall(call);
    assert.equal(JSON.parse(head).length, 9);
    assert.equal(body, '');
  });

  it('carries no endless time', () => {
    const { head } = writeCall({ ...call, metadata: { ...call.metadata, remainingMs: Infinity } });
    assert.equal(readCall(asFrame({ head, body: '' })).metadata.remainingMs, 300_000);
  });

  it('may have more in it than this version knows', () => {
    const { head } = writeCall(call);
    const more = JSON.stringify([...(JSON.parse(head) as unknown[]), null, null, null, { later: true }]);
    assert.deepEqual(readCall(asFrame({ head: more, body: '' })).metadata.correlationId, 'c');
  });

  const whole = JSON.parse(writeCall(call).head) as unknown[];
  const heads: unknown[] = [
    null,
    1,
    {},
    [],
    whole.slice(1),
    whole.map(() => null),
    [...whole, null, 'user'],
    [...whole, null, [1, [], []]],
  ];
  for (const given of [...heads, ...whole.map((_, index) => whole.with(index, { not: 'this' }))]) {
    const head = JSON.stringify(given);
    it(`breaks the protocol with the head ${head}`, () => {
      assert.throws(() => readCall(asFrame({ head, body: '' })), { code: 'PROTOCOL_ERROR' });
    });
  }

  for (const [body, code] of [
    ['{"a":', 'MALFORMED_JSON'],
    ['{"__proto__":1}', 'POISONED_KEY'],
    ['['.repeat(101) + ']'.repeat(101), 'MALFORMED_JSON'],
  ] as const) {
    it(`concerns only itself with the input ${body.slice(0, 20)}`, () => {
      assert.throws(() => readCall(asFrame({ ...writeCall(call), body })), { code });
    });
  }
});
