import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredEvent } from '../store/index.ts';
import { type EventMessage, parseMessage, toMessage, toReceived } from './index.ts';

const text = fc.string({ minLength: 1, maxLength: 100 });
const optional = fc.option(text, { nil: undefined });
const storedEvent: fc.Arbitrary<StoredEvent> = fc.record({
  id: text,
  type: fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/),
  schemaVersion: fc.integer({ min: 1, max: 99 }),
  data: fc.jsonValue(),
  meta: fc.record({ correlationId: text, causationId: optional, traceparent: optional, actor: optional, key: optional }),
  at: fc.integer({ min: 0, max: 4e12 }),
  position: fc.integer({ min: 1, max: 2 ** 50 }),
  stream: optional,
  version: fc.constant(undefined),
});
const sample: EventMessage = toMessage({ name: 'orders' }, fc.sample(storedEvent, { seed: 1, numRuns: 1 })[0]!);

test('every event of a log makes a well-formed message that says the same', () => {
  fc.assert(
    fc.property(storedEvent, (event) => {
      const message = parseMessage(JSON.parse(JSON.stringify(toMessage({ name: 'orders' }, event))));
      const received = toReceived(message, message.data);
      assert.deepEqual([received.id, received.type, received.at], [event.id, `orders.${event.type}`, event.at]);
      assert.deepEqual([received.correlationId, received.traceparent], [event.meta.correlationId, event.meta.traceparent]);
      assert.equal(JSON.stringify(received.data), JSON.stringify(event.data));
      assert.deepEqual([message.partitionkey, message.sequence], [event.meta.key, String(event.position)]);
    }),
  );
});

test('fields nobody knows are let be', () => {
  const extended = { ...sample, subject: 'o1', rsv: [1] };
  assert.deepEqual(parseMessage(extended), extended);
});

test('an envelope that is not one is refused with the field that is wrong', () => {
  const wrong: [keyof EventMessage, unknown][] = [
    ['specversion', '0.3'],
    ['id', ''],
    ['id', 'x'.repeat(513)],
    ['source', 'orders'],
    ['type', 'OrderPlaced'],
    ['time', 'yesterday'],
    ['dataschemaversion', 0],
    ['dataschemaversion', '1'],
    ['sequence', '-1'],
    ['partitionkey', 7],
    ['traceparent', {}],
    ['correlationid', undefined],
    ['causationid', null],
    ['data', undefined],
  ];
  for (const [field, value] of wrong) {
    assert.throws(() => parseMessage({ ...sample, [field]: value }), {
      code: 'INVALID_MESSAGE',
      message: new RegExp(`'${field}'`),
    });
  }
  for (const value of [null, undefined, 'text', 1, []]) assert.throws(() => parseMessage(value), { code: 'INVALID_MESSAGE' });
});
