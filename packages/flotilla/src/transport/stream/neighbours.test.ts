import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { until } from '../../testing/index.ts';
import type { ItemsHandler, Transport } from '../call.ts';
import { createStreamTransport } from './client-transport.ts';
import { ANSWER, GOAWAY, ITEM, OPENED, SUBSCRIBE, WINDOW } from './frame.ts';
import { agreeingAnswer } from './handshake.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { openRawServer } from './test/raw-server.ts';
import { callFrame, farCall, openRawStream, subscribeFrame } from './test/raw-stream.ts';

const never = new AbortController().signal;
const transportTo = (url: string): Transport =>
  createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger });
const tell: ItemsHandler = async function ({ input }) {
  return (async function* () {
    yield input;
  })();
};

// What 1.0 said is written down here byte by byte, as a process that was built then would still say it.

describe('neighbouring versions of the stream protocol', { timeout: 120_000 }, () => {
  it('tells an older client nothing that it does not know', async () => {
    await using server = await openServer({ call: async ({ input }) => input, subscribe: tell });
    using stream = await openRawStream(server.url, '1.0');
    const head = JSON.stringify(['far', 'ask', 5_000, 1, '0'.repeat(31) + '1', '0'.repeat(15) + '1', 1, 'c', 'service:old']);
    stream.send(
      { type: 1, id: 1, head, body: '"one"' },
      { type: 5, id: 2, head, body: '"two"' },
      { type: 7, id: 2, body: '1000' },
    );
    await until(() => stream.frames.length === 3);
    const said = stream.frames.map(({ type, id, body }) => ({ type, id, body }));
    assert.deepEqual(
      said.filter(({ id }) => id === 1),
      [{ type: 2, id: 1, body: '"one"' }],
    );
    assert.deepEqual(
      said.filter(({ id }) => id === 2),
      [
        { type: 6, id: 2, body: '"two"' },
        { type: 2, id: 2, body: '' },
      ],
    );
  });

  it('tells a client of its own version when a stream is open', async () => {
    await using server = await openServer({ call: async () => undefined, subscribe: tell });
    using stream = await openRawStream(server.url);
    stream.send(subscribeFrame(1, 'x', { remainingMs: Infinity }));
    await until(() => stream.frames.length === 1);
    assert.equal(stream.frames[0]!.type, OPENED);
    stream.send({ type: WINDOW, id: 1, body: '1000' });
    await until(() => stream.frames.length === 3);
    assert.deepEqual(
      stream.frames.map(({ type }) => type),
      [OPENED, ITEM, ANSWER],
    );
  });

  it('takes what a later version adds: frames, elements of a head, a later number', async () => {
    await using server = await openServer({ call: async ({ input }) => input, subscribe: tell });
    using stream = await openRawStream(server.url, '1.2');
    const { head, ...call } = callFrame(1, 'hello');
    const longer = JSON.stringify([...(JSON.parse(head) as unknown[]), null, null, 'tomorrow', { more: true }]);
    stream.send({ type: 12, id: 1, body: 'new' }, { ...call, head: longer });
    await until(() => stream.frames.length === 1);
    assert.equal(stream.lastBody, 'hello');
  });

  it('asks an older server for no more than it knows, and needs no more to be told', async () => {
    await using server = await openRawServer(agreeingAnswer({ version: '1.0', maxBodyBytes: 1 }, 1_000_000));
    await using transport = transportTo(server.url);
    const opening = transport.subscribe(farCall('x', { remainingMs: Infinity }), never);
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    const [asked] = stream!.frames;
    assert.equal(asked!.type, SUBSCRIBE);
    assert.equal((JSON.parse(asked!.head) as unknown[])[2], 300_000);
    stream!.send({ type: ITEM, id: asked!.id, body: '1' }, { type: ANSWER, id: asked!.id });
    const items = (await opening)[Symbol.asyncIterator]();
    assert.deepEqual(await items.next(), { done: false, value: 1 });
    assert.equal((await items.next()).done, true);
  });

  it('gives up no stream of its own version, however long it is silent', async () => {
    await using server = await openRawServer(agreeingAnswer({ version: '1.1', maxBodyBytes: 1 }, 1_000_000));
    await using transport = transportTo(server.url);
    const opening = transport.subscribe(farCall('x', { remainingMs: Infinity }), never);
    await until(() => server.streams[0]?.frames.length === 2);
    const [stream] = server.streams;
    assert.equal((JSON.parse(stream!.frames[0]!.head) as unknown[])[2], null);
    stream!.send({ type: OPENED, id: stream!.frames[0]!.id });
    await opening;
  });

  it('goes elsewhere when a later version stops in its own way', async () => {
    await using server = await openRawServer(agreeingAnswer({ version: '1.1', maxBodyBytes: 1 }, 1_000_000));
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(1), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const body = JSON.stringify({ code: 'MOVED', kind: 'a kind of tomorrow', message: 'Gone.', retryable: true, where: 'there' });
    server.streams[0]!.send({ type: GOAWAY, body }, { type: ANSWER, id: server.streams[0]!.frames[0]!.id, body: '1' });
    assert.equal(await calling, 1);
  });
});
