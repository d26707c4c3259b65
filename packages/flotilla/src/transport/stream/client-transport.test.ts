import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Runtime, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, until } from '../../testing/index.ts';
import type { CallHandler, Transport } from '../call.ts';
import type { HttpHandler } from '../http-message.ts';
import { createListener } from '../http/listener.ts';
import { createStreamTransport } from './client-transport.ts';
import { ANSWER, CALL, CANCEL, ERROR, GOAWAY, PING, PONG } from './frame.ts';
import { agreeingAnswer } from './handshake.ts';
import { openRawServer } from './test/raw-server.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { farCall } from './test/raw-stream.ts';

const never = new AbortController().signal;
const echo: CallHandler = async ({ input }) => input;

const transportTo = (url: string, options: { runtime?: Runtime; systemKey?: string } = {}): Transport =>
  createStreamTransport({ address: () => url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger, ...options });

describe('the calling side of a stream connection', { timeout: 120_000 }, () => {
  it('makes one connection for calls that begin together, and keeps it', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calls = [1, 2, 3].map((input) => transport.call(farCall(input), never));
    await until(() => server.streams[0]?.frames.length === 3);
    const [stream] = server.streams;
    stream!.send(...stream!.frames.map(({ id, body }) => ({ type: ANSWER, id, body })));
    assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    assert.equal(server.streams.length, 1);
  });

  it('gives each call its own answer, in whatever order they come', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calls = Array.from({ length: 100 }, (_, input) => transport.call(farCall(input), never));
    await until(() => server.streams[0]?.frames.length === 100);
    const [stream] = server.streams;
    for (const { id, body } of stream!.frames.toReversed()) stream!.send({ type: ANSWER, id, body });
    assert.deepEqual(
      await Promise.all(calls),
      Array.from(calls, (_, input) => input),
    );
  });

  it('speaks with a server of the next minor version, and skips what it does not know', async () => {
    await using server = await openRawServer(agreeingAnswer({ version: '1.0', maxBodyBytes: 1 }, 1_000_000));
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    const { id } = stream!.frames[0]!;
    stream!.send({ type: 77, id, head: '?', body: '?' }, { type: 78 }, { type: ANSWER, id, head: '["later"]', body: '"now"' });
    assert.equal(await calling, 'now');
  });

  it('passes over answers that nobody waits for', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    stream!.send({ type: ANSWER, id: 4_711, body: '1' }, { type: ERROR, id: 4_712, body: '{}' });
    stream!.send({ type: ANSWER, id: stream!.frames[0]!.id, body: '2' });
    assert.equal(await calling, 2);
  });

  it('tells the other side that a caller left', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const caller = new AbortController();
    const calling = transport.call(farCall(), caller.signal);
    await until(() => server.streams[0]?.frames.length === 1);
    caller.abort();
    await assert.rejects(calling, { code: 'CANCELLED' });
    await until(() => server.streams[0]?.frames.length === 2);
    const [call, cancel] = server.streams[0]!.frames;
    assert.deepEqual([cancel?.type, cancel?.id], [CANCEL, call?.id]);
  });

  it('knows in part what a later version says of an error, and nothing of what is no error', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const errors = ['{"code":"NEW","kind":"melted","message":"m","retryable":true,"more":1}', 'null', '{', '{"code":"no code"}'];
    const calls = errors.map(() =>
      transport.call(farCall(), never).catch((error: unknown) => error as { code: string; kind: string }),
    );
    await until(() => server.streams[0]?.frames.length === errors.length);
    const [stream] = server.streams;
    stream!.send(...errors.map((body, index) => ({ type: ERROR, id: stream!.frames[index]!.id, body })));
    const told = (await Promise.all(calls)) as { code: string; kind: string }[];
    assert.deepEqual(
      told.map(({ code, kind }) => [code, kind]),
      [
        ['NEW', 'internal'],
        ['MALFORMED_ANSWER', 'internal'],
        ['MALFORMED_ANSWER', 'internal'],
        ['MALFORMED_ANSWER', 'internal'],
      ],
    );
  });

  for (const body of ['{', '{"__proto__":1}']) {
    it(`makes an error of the answer ${body}`, async () => {
      await using server = await openRawServer();
      await using transport = transportTo(server.url);
      const calling = transport.call(farCall(), never);
      await until(() => server.streams[0]?.frames.length === 1);
      server.streams[0]!.send({ type: ANSWER, id: server.streams[0]!.frames[0]!.id, body });
      await assert.rejects(calling, { code: 'MALFORMED_ANSWER' });
    });
  }
});

describe('a stream connection that ends', { timeout: 120_000 }, () => {
  it('does not know what became of calls that were sent', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    server.streams[0]!.socket.resetAndDestroy();
    await assert.rejects(calling, { code: 'UNAVAILABLE', retryable: true, details: { sent: true } });
  });

  it('knows of calls that never left', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const first = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    stream!.socket.pause();
    const calls = Array.from({ length: 20 }, () => transport.call(farCall('x'.repeat(900_000)), never));
    const ends = Promise.allSettled([first, ...calls]);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    stream!.socket.resetAndDestroy();
    const sent = (await ends).map((end) => (end as { reason?: { details?: { sent: boolean } } }).reason?.details?.sent);
    assert.equal(sent[0], true);
    assert.equal(sent.at(-1), false);
  });

  it('is opened again for the next call', async () => {
    await using server = await openServer({ call: echo });
    await using raw = await openRawServer();
    let url = raw.url;
    await using transport = createStreamTransport({
      address: () => url,
      systemKey: SYSTEM_KEY,
      runtime: systemRuntime,
      log: silentLogger,
    });
    const lost = transport.call(farCall(), never);
    await until(() => raw.streams[0]?.frames.length === 1);
    raw.streams[0]!.socket.destroy();
    await assert.rejects(lost, { code: 'UNAVAILABLE' });
    const again = transport.call(farCall(), never);
    await until(() => raw.streams.length === 2 && raw.streams[1]!.frames.length === 1);
    raw.streams[1]!.send({ type: ANSWER, id: raw.streams[1]!.frames[0]!.id });
    assert.equal(await again, undefined);
    url = server.url;
    assert.equal(await transport.call(farCall('moved'), never), 'moved');
  });

  it('tries in pauses that grow while nobody answers, and then at once', async () => {
    const gone = await openRawServer();
    await gone.stop();
    const runtime = createFakeRuntime();
    const transport = transportTo(gone.url, { runtime });
    const refused = { code: 'UNAVAILABLE', details: { sent: false } };
    await assert.rejects(transport.call(farCall(), never), refused);
    const port = Number(new URL(gone.url).port);
    await using _back = await openServer({ call: echo, port });
    await assert.rejects(transport.call(farCall('too early'), never), refused);
    await runtime.clock.advance(25);
    assert.equal(await transport.call(farCall('back'), never), 'back');
    await transport[Symbol.asyncDispose]();
  });

  it('finishes what runs on a connection that is to go away, and begins the next call on another', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const old = transport.call(farCall('old'), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [first] = server.streams;
    first!.send(
      { type: GOAWAY, body: '{"code":"STOPPING","kind":"unavailable","message":"Soon.","retryable":true}' },
      { type: PING },
    );
    await until(() => first!.frames.at(-1)?.type === PONG);
    const next = transport.call(farCall('next'), never);
    await until(() => server.streams[1]?.frames.length === 1);
    first!.send({ type: ANSWER, id: first!.frames[0]!.id, body: '"old"' });
    assert.equal(await old, 'old');
    await first!.closed;
    server.streams[1]!.send({ type: ANSWER, id: server.streams[1]!.frames[0]!.id, body: '"next"' });
    assert.equal(await next, 'next');
  });

  it('names the reason that the other side gave', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const body = '{"code":"TOO_SLOW","kind":"exhausted","message":"Read!","retryable":true}';
    server.streams[0]!.send({ type: GOAWAY, body });
    server.streams[0]!.socket.end();
    await assert.rejects(calling, (error: Error) => (error.cause as { code: string }).code === 'TOO_SLOW');
  });

  it('ends with a reason when the other side breaks the protocol', async () => {
    await using server = await openRawServer();
    await using transport = transportTo(server.url);
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    server.streams[0]!.socket.write('this is no frame at all, but long enough');
    await assert.rejects(calling, (error: Error) => (error.cause as { code: string }).code === 'PROTOCOL_ERROR');
    await until(() => server.streams[0]?.frames.at(-1)?.type === GOAWAY);
    await server.streams[0]!.closed;
  });
});

describe('signs of life', { timeout: 120_000 }, () => {
  it('asks a silent process, and gives up one that does not answer', async () => {
    await using server = await openRawServer();
    const runtime = createFakeRuntime();
    const transport = transportTo(server.url, { runtime });
    const calling = transport.call(farCall(undefined, { remainingMs: 60_000 }), never);
    const lost = assert.rejects(calling, (error: Error) => (error.cause as { code: string }).code === 'CONNECTION_SILENT');
    await until(() => server.streams[0]?.frames.length === 1);
    await runtime.clock.advance(5_000);
    await runtime.clock.advance(5_000);
    await until(() => server.streams[0]?.frames.at(-1)?.type === PING);
    await runtime.clock.advance(10_000);
    await lost;
    await transport[Symbol.asyncDispose]();
  });

  it('says within a second or so that a process is silent while somebody waits, and when it speaks again', async () => {
    await using server = await openRawServer();
    const told: boolean[] = [];
    const onSilence = (url: string, isSilent: boolean): void => void (url === server.url && told.push(isSilent));
    const options = { address: () => server.url, systemKey: SYSTEM_KEY, runtime: systemRuntime, log: silentLogger };
    await using transport = createStreamTransport({ ...options, onSilence });
    const calling = transport.call(farCall(1), never);
    await until(() => told.length === 1);
    const [stream] = server.streams;
    assert.deepEqual(
      stream!.frames.map(({ type }) => type),
      [CALL, PING],
    );
    stream!.send({ type: PONG });
    await until(() => told.length === 2);
    stream!.send({ type: ANSWER, id: stream!.frames[0]!.id, body: '1' });
    assert.equal(await calling, 1);
    assert.deepEqual(told, [true, false]);
  });

  it('keeps a silent process that answers when asked', async () => {
    await using server = await openRawServer();
    const runtime = createFakeRuntime();
    const transport = transportTo(server.url, { runtime });
    const calling = transport.call(farCall(undefined, { remainingMs: 100_000 }), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    for (let beat = 0; beat < 12; beat++) {
      await runtime.clock.advance(5_000);
      const pings = stream!.frames.filter(({ type }) => type === PING).length;
      if (pings > 0) stream!.send({ type: PONG });
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    }
    stream!.send({ type: ANSWER, id: stream!.frames[0]!.id, body: '1' });
    assert.equal(await calling, 1);
    await transport[Symbol.asyncDispose]();
  });

  it('closes a connection that nobody used for a minute', async () => {
    await using server = await openRawServer();
    const runtime = createFakeRuntime();
    const transport = transportTo(server.url, { runtime });
    const calling = transport.call(farCall(), never);
    await until(() => server.streams[0]?.frames.length === 1);
    const [stream] = server.streams;
    stream!.send({ type: ANSWER, id: stream!.frames[0]!.id });
    await calling;
    for (let beat = 0; beat < 13; beat++) {
      stream!.send({ type: PONG });
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      await runtime.clock.advance(5_000);
    }
    await stream!.closed;
    assert.ok(stream!.frames.every(({ type }) => type === CALL || type === PING));
    await transport[Symbol.asyncDispose]();
    assert.equal(runtime.clock.pending, 0);
  });
});

describe('a process that speaks plain HTTP only', { timeout: 120_000 }, () => {
  const plain = async (handler: HttpHandler) => {
    const listener = createListener({ handler, runtime: systemRuntime, log: silentLogger });
    const { url } = await listener.start();
    return { url, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  };
  const answer: HttpHandler = async ({ path, body }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([path, Buffer.from(body ?? []).toString()]),
  });

  it('is called that way', async () => {
    await using server = await plain(answer);
    await using transport = transportTo(server.url);
    const calls = await Promise.all([1, 2].map((input) => transport.call(farCall(input), never)));
    assert.deepEqual(calls, [
      ['/far/call/ask', '1'],
      ['/far/call/ask', '2'],
    ]);
  });

  it('is one that speaks another major version, too', async () => {
    await using server = await openRawServer(
      'HTTP/1.1 101 Yes\r\nconnection: Upgrade\r\nupgrade: flotilla\r\nflotilla-version: 2.0\r\nflotilla-accepts: 1\r\n\r\n',
    );
    await using transport = transportTo(server.url);
    assert.equal(await transport.call(farCall(), never), undefined);
  });

  it('is asked again after a while', async () => {
    const server = await plain(answer);
    const port = Number(new URL(server.url).port);
    const runtime = createFakeRuntime();
    const transport = transportTo(server.url, { runtime });
    await transport.call(farCall(), never);
    await server[Symbol.asyncDispose]();
    await using _newer = await openServer({ call: async () => 'by stream', port });
    assert.equal(await transport.call(farCall(), never), undefined, 'still over HTTP');
    await runtime.clock.advance(30_000);
    assert.equal(await transport.call(farCall(), never), 'by stream');
    await transport[Symbol.asyncDispose]();
  });
});

describe('a process that will not have us', { timeout: 120_000 }, () => {
  it('is not called over HTTP instead when it has another key', async () => {
    let called = 0;
    const handler: HttpHandler = async () => (called++, { status: 204, headers: {}, body: undefined });
    await using server = await openServer({ call: echo, handler });
    await using transport = transportTo(server.url, { systemKey: 'of another system' });
    await assert.rejects(transport.call(farCall(), never), { code: 'UNAUTHENTICATED', kind: 'unauthenticated' });
    assert.equal(called, 0);
  });

  it('is given up when it says nothing at all', async () => {
    const { createServer } = await import('node:net');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const runtime = createFakeRuntime();
    const transport = transportTo(`http://127.0.0.1:${port}`, { runtime });
    const refused = assert.rejects(transport.call(farCall(), never), { code: 'UNAVAILABLE', details: { sent: false } });
    await until(() => new Promise<boolean>((resolve) => server.getConnections((_error, count) => resolve(count === 1))));
    await runtime.clock.advance(1_000);
    await refused;
    await transport[Symbol.asyncDispose]();
    server.close();
  });
});

describe('limits of the calling side', { timeout: 120_000 }, () => {
  it('refuses an input that the other side would not take, before it is sent', async () => {
    await using server = await openRawServer(agreeingAnswer({ version: '1.0', maxBodyBytes: 1 }, 100));
    await using transport = transportTo(server.url);
    await assert.rejects(transport.call(farCall('ä'.repeat(50)), never), { code: 'BODY_TOO_LARGE', kind: 'invalid' });
    const identity = { subject: 'u', roles: ['x'.repeat(70_000)], scopes: [] };
    await assert.rejects(transport.call(farCall(1, { identity }), never), { code: 'HEADERS_TOO_LARGE', kind: 'invalid' });
    assert.equal(server.streams[0]?.frames.length, 0);
  });

  it('refuses calls when too much waits for a process that does not read', async () => {
    await using server = await openRawServer();
    const caller = new AbortController();
    await using transport = transportTo(server.url);
    const first = transport.call(farCall(), caller.signal);
    await until(() => server.streams[0]?.frames.length === 1);
    server.streams[0]!.socket.pause();
    const calls = Array.from({ length: 40 }, () => transport.call(farCall('x'.repeat(900_000)), caller.signal));
    await assert.rejects(calls.at(-1)!, { code: 'UNAVAILABLE', details: { sent: false } });
    const ends = Promise.allSettled([first, ...calls]);
    caller.abort();
    await ends;
  });

  it('takes calls without an end to their time for the longest that there is', async () => {
    await using server = await openServer({ call: async ({ metadata }) => metadata.remainingMs });
    await using transport = transportTo(server.url);
    assert.equal(await transport.call(farCall(undefined, { remainingMs: Infinity }), never), 300_000);
    assert.equal(await transport.call(farCall(undefined, { remainingMs: Infinity }), never), 300_000);
  });
});
