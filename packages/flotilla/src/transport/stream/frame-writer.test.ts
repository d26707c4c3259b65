import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../testing/index.ts';
import { ANSWER, CALL, type Frame } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { socketPair } from './test/socket-pair.ts';

const MAX = 64 * 1024 * 1024;

/** Collects the bodies that arrive on a socket. */
function bodiesFrom(socket: { on(event: 'data', take: (chunk: Buffer) => void): unknown }): string[] {
  const bodies: string[] = [];
  const reader = new FrameReader(MAX, (frame: Frame) => bodies.push(`${frame.id}${frame.head()}${frame.body()}`));
  socket.on('data', (chunk) => void reader.push(chunk));
  return bodies;
}

describe('writing frames', { timeout: 120_000 }, () => {
  it('sends everything of one turn at once', async () => {
    await using pair = await socketPair();
    const writer = new FrameWriter(pair.near);
    let writes = 0;
    const write = pair.near.write.bind(pair.near);
    pair.near.write = (bytes: Uint8Array | string) => (writes++, write(bytes));
    const bodies = bodiesFrom(pair.far);
    for (let id = 1; id <= 100; id++) writer.write(CALL, id, { head: '[]', body: '"ä"' });
    await until(() => bodies.length === 100);
    assert.equal(writes, 1);
    assert.deepEqual(bodies.at(-1), '100[]"ä"');
    writer.write(CALL, 101, { head: '', body: '' });
    await until(() => bodies.length === 101);
    assert.equal(writes, 2);
  });

  it('keeps the order of small, medium and large frames', async () => {
    await using pair = await socketPair();
    const writer = new FrameWriter(pair.near);
    const bodies = bodiesFrom(pair.far);
    const sizes = Array.from({ length: 400 }, (_, index) => [3, 2_000, 30_000, 200_000][index % 4]!);
    for (const [index, size] of sizes.entries()) writer.write(ANSWER, index + 1, { head: '', body: 'ü'.repeat(size) });
    await until(() => bodies.length === sizes.length);
    assert.deepEqual(
      bodies.map((body) => body.length),
      sizes.map((size, index) => size + String(index + 1).length),
    );
  });

  it('knows what was never sent while the other side does not read', async () => {
    await using pair = await socketPair();
    pair.far.pause();
    const writer = new FrameWriter(pair.near);
    const body = 'a'.repeat(100_000);
    while (writer.backlog < 20_000_000) {
      writer.write(ANSWER, 1, { head: '', body });
      await new Promise(setImmediate);
    }
    assert.ok(pair.near.writableNeedDrain);
    assert.ok(writer.position - writer.sent > 10_000_000, 'most of it waits where it can still be taken back');
    const bodies = bodiesFrom(pair.far);
    pair.far.resume();
    await until(() => writer.backlog === 0 && bodies.length * (body.length + 12) === writer.position);
    assert.equal(writer.sent, writer.position);
  });
});
