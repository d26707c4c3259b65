import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EventMessage, toMessage } from 'flotilla/messaging';
import { pack, unpack } from './pack.ts';

function message(number: number, data: unknown): EventMessage {
  const fields = { id: `event-${number}`, type: 'OrderPlaced', schemaVersion: 1, position: number, data, at: 0 };
  return toMessage({ name: 'orders' }, { ...fields, stream: undefined, version: undefined, meta: { correlationId: 'c' } });
}

test('whatever is packed fits, and unpacks as it was, in order', () => {
  const batches = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 40 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 4_000, max: 6_000 }), (texts, limit) => {
      const batch = texts.map((text, index) => message(index, { text }));
      const parcels = pack(batch, limit);
      for (const { body } of parcels) assert.ok(body.length <= limit);
      assert.deepEqual(
        parcels.flatMap(({ body }) => unpack(body)),
        JSON.parse(JSON.stringify(batch)),
      );
    }),
  );
});

test('the same batch has the same id, and one with other events between the same ends another', () => {
  const all = [1, 2, 3].map((number) => message(number, {}));
  const idOf = (batch: readonly EventMessage[]): string => pack(batch, 10_000)[0]!.id;
  assert.equal(idOf(all), idOf(all));
  assert.notEqual(idOf(all), idOf([all[0]!, all[2]!]));
  assert.equal(idOf([all[0]!]), 'event-1');
});

test('an event that fits into no message is refused with its size', () => {
  assert.throws(() => pack([message(1, 'x'.repeat(5_000))], 4_096), {
    code: 'MESSAGE_TOO_LARGE',
    message: /^Event event-1 is \d+ bytes long and NATS takes 4096;/,
  });
});
