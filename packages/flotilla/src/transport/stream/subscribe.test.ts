import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { Transport } from '../call.ts';
import { createListener } from '../http/listener.ts';
import { createStreamTransport } from './client-transport.ts';
import { ANSWER, CANCEL, ITEM, SUBSCRIBE, WINDOW } from './frame.ts';
import { openRawServer } from './test/raw-server.ts';
import { SYSTEM_KEY } from './test/open-server.ts';
import { farCall } from './test/raw-stream.ts';

const never = new AbortController().signal;
const transportTo = (url: string): Transport =>
  createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });

async function firstOf(opening: Promise<AsyncIterable<unknown>>): Promise<unknown> {
  return await (await opening)[Symbol.asyncIterator]().next();
}

describe('answers in parts', { timeout: 120_000 }, () => {
  it('fail with what happened when the connection breaks', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const opening = transport.subscribe(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    assert.deepEqual(
      stream!.frames.map(({ type }) => type),
      [SUBSCRIBE, WINDOW],
    );
    stream!.send({ type: ITEM, id: stream!.frames[0]!.id, body: '1' });
    const iterator = (await opening)[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.next(), { done: false, value: 1 });
    const second = iterator.next();
    stream!.socket.resetAndDestroy();
    await assert.rejects(async () => await second, { code: 'UNAVAILABLE', details: { sent: true } });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it('are not taken in greater numbers than was asked for', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const reading = firstOf(transport.subscribe(farCall(), never));
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    const { id } = stream!.frames[0]!;
    const body = JSON.stringify('x'.repeat(100_000));
    stream!.send({ type: ITEM, id, body }, { type: ITEM, id, body }, { type: ITEM, id, body }, { type: ITEM, id, body });
    await stream!.closed;
    assert.match(stream!.frames.at(-1)!.body, /PROTOCOL_ERROR/);
    await Promise.allSettled([reading]);
  });

  it('that can not be read end the call', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const reading = firstOf(transport.subscribe(farCall(), never));
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    stream!.send({ type: ITEM, id: stream!.frames[0]!.id, body: '{' });
    await assert.rejects(async () => await reading, { code: 'MALFORMED_ANSWER' });
    await until(() => stream!.frames.at(-1)?.type === CANCEL);
  });

  it('never come for a call with one answer', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    const { id } = stream!.frames[0]!;
    stream!.send({ type: ITEM, id, body: '1' }, { type: ANSWER, id });
    await assert.rejects(calling, (error: Error) => (error.cause as { code: string }).code === 'PROTOCOL_ERROR');
  });

  it('are not to be had from a process that speaks plain HTTP only', async () => {
    await using listener = createListener({
      handler: async () => ({ status: 204, headers: {}, body: undefined }),
      runtime: systemRuntime,
      log: silentLogger,
    });
    await using transport = transportTo((await listener.start()).url);
    await assert.rejects(transport.subscribe(farCall(), never), { code: 'NO_STREAM' });
  });
});
