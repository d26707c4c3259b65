import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Frame, HEADER_BYTES } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { frameBytes } from './test/frame-bytes.ts';

interface Read {
  readonly type: number;
  readonly id: number;
  readonly head: string;
  readonly body: string;
}

const text = fc.string({ unit: 'binary', maxLength: 200 }).map((given) => given.toWellFormed());
const fields = {
  type: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  head: text,
  body: text,
};
const frame = fc.record(fields, { noNullPrototype: true });

const copy = (frame: Frame): Read => ({ type: frame.type, id: frame.id, head: frame.head(), body: frame.body() });

/** Cuts bytes into pieces of the given lengths, round and round. */
function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + lengths[turn % lengths.length]!;
    yield bytes.subarray(at, end);
    at = end;
  }
}

describe('reading frames', () => {
  it('finds every frame, however the bytes are cut and shared out', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 });
    const property = fc.property(
      fc.array(frame, { maxLength: 20 }),
      lengths,
      fc.double({ min: 0, max: 1 }),
      (sent, cuts, share) => {
        const read: Read[] = [];
        const reader = new FrameReader(10_000, (one) => read.push(copy(one)));
        for (const piece of cut(Buffer.concat(sent.map(frameBytes)), cuts)) {
          // Bytes that come in are copied, as a socket may use its buffer again.
          let rest = reader.push(Buffer.from(piece), piece.length * share);
          while (rest) rest = reader.push(rest);
        }
        assert.deepEqual(read, sent);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('reads random bytes as frames or refuses them, and never fails otherwise', () => {
    const property = fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (pieces) => {
      const reader = new FrameReader(500, (one) => assert.ok(one.bodyBytes <= 500));
      try {
        for (const piece of pieces) reader.push(Buffer.from(piece));
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, 'PROTOCOL_ERROR');
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('refuses a frame that is too large as soon as it begins', () => {
    const reader = new FrameReader(100, () => assert.fail('nothing is whole'));
    const header = frameBytes({ type: 1, id: 1, head: '', body: 'a'.repeat(101) }).subarray(0, HEADER_BYTES);
    assert.throws(() => reader.push(header), { code: 'PROTOCOL_ERROR', message: /a frame of 101 bytes is larger than 100/ });
    const dripping = new FrameReader(100, () => assert.fail('nothing is whole'));
    dripping.push(header.subarray(0, 5));
    assert.throws(() => dripping.push(header.subarray(5)), { code: 'PROTOCOL_ERROR' });
  });

  it('refuses a head that is longer than its frame', () => {
    const bytes = frameBytes({ type: 1, id: 1, head: 'ab', body: '' });
    bytes[7] = 3;
    assert.throws(() => new FrameReader(100, () => undefined).push(bytes), { code: 'PROTOCOL_ERROR', message: /head/ });
  });

  it('tells text that is not UTF-8 from a replacement character that was sent', () => {
    const bodies: string[] = [];
    const reader = new FrameReader(100, (one) => bodies.push(one.body()));
    reader.push(frameBytes({ type: 1, id: 1, head: '', body: 'a\ufffd' }));
    assert.deepEqual(bodies, ['a\ufffd']);
    const broken = frameBytes({ type: 1, id: 1, head: '', body: 'ab' });
    broken[HEADER_BYTES] = 0xff;
    assert.throws(() => reader.push(broken), { code: 'MALFORMED_JSON' });
  });

  it('joins a large frame once, not with every piece', () => {
    const body = 'a'.repeat(1_000_000);
    const bytes = frameBytes({ type: 1, id: 1, head: '', body });
    const concat = Buffer.concat;
    let joined = 0;
    Buffer.concat = (list: readonly Uint8Array[]) => (joined++, concat(list));
    try {
      const read: Read[] = [];
      const reader = new FrameReader(body.length, (one) => read.push(copy(one)));
      for (const piece of cut(bytes, [1_000])) reader.push(piece);
      assert.equal(read[0]?.body, body);
    } finally {
      Buffer.concat = concat;
    }
    assert.equal(joined, 1);
  });
});
