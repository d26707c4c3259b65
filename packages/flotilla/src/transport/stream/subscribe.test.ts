import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlotillaError, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { ItemsHandler, StreamTransport } from '../call.ts';
import { createListener } from '../http/listener.ts';
import { createStreamTransport } from './client-transport.ts';
import { ANSWER, CANCEL, ITEM, SUBSCRIBE, WINDOW } from './frame.ts';
import { openRawServer } from './test/raw-server.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { farCall } from './test/raw-stream.ts';

const never = new AbortController().signal;
const transportTo = (url: string): StreamTransport =>
  createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });
const serve = (subscribe: ItemsHandler) => openServer({ call: async () => undefined, subscribe });

async function collect(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** What a handler that yields for ever knows of its end. */
function endless(item: unknown) {
  const state = { yielded: 0, ended: 0, reasons: [] as unknown[] };
  const handler: ItemsHandler = async function* (_call, signal) {
    signal.addEventListener('abort', () => state.reasons.push(signal.reason));
    try {
      while (true) {
        state.yielded++;
        yield item;
      }
    } finally {
      state.ended++;
    }
  };
  return { state, handler };
}

describe('answers in parts', { timeout: 30_000 }, () => {
  it('arrive whole and in their order', async () => {
    await using server = await serve(async function* ({ input }) {
      for (let index = 0; index < (input as number); index++) {
        if (index % 10 === 0) await new Promise(setImmediate);
        yield { index };
      }
    });
    await using transport = transportTo(server.url);
    for (const count of [0, 1, 1_000]) {
      const items = await collect(transport.subscribe(farCall(count), never));
      assert.deepEqual(
        items,
        Array.from({ length: count }, (_, index) => ({ index })),
      );
    }
  });

  it('end with the error that ends them, after what came before', async () => {
    await using server = await serve(async function* () {
      yield 1;
      yield undefined;
      throw new FlotillaError('SOLD_OUT', { kind: 'conflict', message: 'Too late.' });
    });
    await using transport = transportTo(server.url);
    const items: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const item of transport.subscribe(farCall(), never)) items.push(item);
    };
    await assert.rejects(reading(), { code: 'SOLD_OUT', kind: 'conflict' });
    assert.deepEqual(items, [1, null]);
  });

  it('come no faster than they are read', async () => {
    const { state, handler } = endless('x'.repeat(1_000));
    await using server = await serve(handler);
    await using transport = transportTo(server.url);
    let read = 0;
    for await (const _item of transport.subscribe(farCall(), never)) {
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      assert.ok(state.yielded - read < 300, `${state.yielded - read} unread`);
      if (++read === 1_000) break;
    }
    await until(() => state.ended === 1);
    assert.equal((state.reasons[0] as { code: string }).code, 'CANCELLED');
  });

  it('end at once when the reader leaves, the caller aborts or time is up', async () => {
    const { state, handler } = endless('x');
    await using server = await serve(handler);
    await using transport = transportTo(server.url);
    for await (const _item of transport.subscribe(farCall(), never)) break;
    await until(() => state.ended === 1);
    const caller = new AbortController();
    const aborted = transport.subscribe(farCall(), caller.signal)[Symbol.asyncIterator]();
    await aborted.next();
    caller.abort();
    await assert.rejects(async () => await aborted.next(), { code: 'CANCELLED' });
    await until(() => state.ended === 2);
    const late = transport.subscribe(farCall(undefined, { remainingMs: 60 }), never);
    await assert.rejects(collect(late), { code: 'DEADLINE_EXCEEDED' });
    await until(() => state.ended === 3);
  });

  it('fail with what happened when the connection breaks', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const iterator = transport.subscribe(farCall(), never)[Symbol.asyncIterator]();
    const first = iterator.next();
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    assert.deepEqual(
      stream!.frames.map(({ type }) => type),
      [SUBSCRIBE, WINDOW],
    );
    stream!.send({ type: ITEM, id: stream!.frames[0]!.id, body: '1' });
    assert.deepEqual(await first, { done: false, value: 1 });
    const second = iterator.next();
    stream!.socket.resetAndDestroy();
    await assert.rejects(async () => await second, { code: 'UNAVAILABLE', details: { sent: true } });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it('are not taken in greater numbers than was asked for', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const reading = transport.subscribe(farCall(), never)[Symbol.asyncIterator]().next();
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
    const reading = transport.subscribe(farCall(), never)[Symbol.asyncIterator]().next();
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
    await assert.rejects(collect(transport.subscribe(farCall(), never)), { code: 'NO_STREAM' });
  });
});
