import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { ItemsHandler } from '../call.ts';
import { createStreamTransport } from './client-transport.ts';
import { ERROR } from './frame.ts';
import { agreeingAnswer } from './handshake.ts';
import { frameBytes, type WrittenFrame } from './test/frame-bytes.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { openRawServer } from './test/raw-server.ts';
import { callFrame, farCall, openRawStream, subscribeFrame } from './test/raw-stream.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MIB = 1024 * 1024;
const never = new AbortController().signal;

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('null', '[]', '{', '"x"', '1e9', '{"__proto__":1}', '{"code":"X","kind":"internal","message":"m"}'),
);
/** Frames as no honest side would send them: wrong types, numbers that nobody gave out, heads that say nothing. */
const anyFrame: fc.Arbitrary<WrittenFrame> = fc.record({
  type: fc.nat(14),
  id: fc.oneof(fc.nat(4), fc.constant(0xffff_ffff)),
  head: text,
  body: text,
});
const goodFrame = fc.oneof(
  fc.nat(3).map((id) => callFrame(id, 'x')),
  fc.nat(3).map((id) => subscribeFrame(id, 3)),
);
/** Bytes of frames, some of them damaged or cut off. */
const bytes = fc
  .array(
    fc.record({
      frame: fc.oneof(anyFrame, goodFrame),
      damage: fc.option(fc.record({ at: fc.nat(60), value: fc.nat(255) })),
      cut: fc.option(fc.nat(80)),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    Buffer.concat(
      parts.map(({ frame, damage, cut }) => {
        const whole = frameBytes(frame);
        if (damage) whole[damage.at % whole.length] = damage.value;
        return cut === null ? whole : whole.subarray(0, cut);
      }),
    ),
  );

const count: ItemsHandler = async ({ input }) =>
  (async function* () {
    for (let item = 0; item < Number(input); item += 1) yield item;
  })();

describe('whatever comes over a stream connection', { timeout: 120_000 }, () => {
  it('does the answering side no harm, and leaves nothing behind', async () => {
    await using server = await openServer({ call: async ({ input }) => input, subscribe: count });
    const storm = (runs: number): Promise<void> =>
      fc.assert(
        fc.asyncProperty(bytes, async (sent) => {
          using stream = await openRawStream(server.url);
          stream.socket.write(sent);
          stream.socket.end();
          await stream.closed;
        }),
        { numRuns: runs, timeout: 60_000 },
      );
    await storm(300);
    const before = heapUsed();
    await storm(900);
    assert.ok(heapUsed() - before < 4 * MIB, `${(heapUsed() - before) / MIB} MiB more`);
    using stream = await openRawStream(server.url);
    stream.send(callFrame(1, 'still here'));
    await until(() => stream.lastBody === 'still here');
  });

  it('does the calling side no harm: each call ends', async () => {
    const property = fc.asyncProperty(bytes, async (sent) => {
      await using server = await openRawServer(agreeingAnswer({ version: '1.1', maxBodyBytes: 1 }, 1_000_000));
      const address = (): string => server.url;
      await using transport = createStreamTransport({
        address,
        systemKey: SYSTEM_KEY,
        runtime: systemRuntime,
        log: silentLogger,
      });
      const calling = transport.call(farCall(1), never).catch((error: unknown) => error);
      const reading = readAll(transport.subscribe(farCall(1), never)).catch((error: unknown) => error);
      // A call, a subscription and its window.
      await until(() => server.streams[0]?.frames.length === 3);
      server.streams[0]!.socket.end(sent);
      await Promise.all([calling, reading]);
    });
    await fc.assert(property, { numRuns: 150, timeout: 60_000 });
  });

  it('fails the very call whose error is no text', async () => {
    await using server = await openRawServer();
    const address = (): string => server.url;
    await using transport = createStreamTransport({
      address,
      systemKey: SYSTEM_KEY,
      runtime: systemRuntime,
      log: silentLogger,
    });
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const frame = frameBytes({ type: ERROR, id: server.streams[0]!.frames[0]!.id, head: '', body: '????' });
    server.streams[0]!.socket.write(frame.fill(0x80, frame.length - 4));
    await assert.rejects(calling, { code: 'UNAVAILABLE', details: { sent: true } });
  });
});

it('is a hundred thousand streams at once on one connection, of which nothing is left', { timeout: 240_000 }, async () => {
  const child = fork(join(import.meta.dirname, 'test/many-streams.ts'), ['100000']);
  const [said] = (await once(child, 'message')) as [{ open: number; endings: string[]; leftMiB: number }];
  assert.deepEqual([said.open, said.endings], [100_000, ['CANCELLED']]);
  assert.ok(said.leftMiB < 16, `${said.leftMiB} MiB are left`);
  if (child.exitCode === null) await once(child, 'exit');
});

async function readAll(opening: Promise<AsyncIterable<unknown>>): Promise<void> {
  for await (const _item of await opening) continue;
}

/** After a full collection. */
function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
