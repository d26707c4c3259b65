import assert from 'node:assert/strict';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { openRaw, until } from '../../testing/index.ts';
import { type Call, createHttpPools, createHttpTransport, createListener, type HttpHandler, httpUpstream } from '../index.ts';

const runtime = systemRuntime;
const call: Call = {
  service: 'far',
  operation: 'ask',
  input: {},
  metadata: {
    identity: { subject: undefined, roles: [], scopes: [] },
    caller: { internal: true, name: 'service:near' },
    trace: { traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', flags: 1 },
    correlationId: 'c',
    remainingMs: 5_000,
    attempt: 1,
  },
};
const never = new AbortController().signal;
const transportTo = (url: string, maxAnswerBytes?: number) =>
  createHttpTransport({ address: () => url, systemKey: 'key', runtime, ...(maxAnswerBytes && { maxAnswerBytes }) });

async function listen(handler: HttpHandler) {
  const listener = createListener({ runtime, log: silentLogger, handler });
  const { url } = await listener.start();
  return { url, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

/** A server that does to each connection, once it has heard something, what no HTTP server would. */
async function misbehave(act: (socket: Socket) => void) {
  const server: Server = createTcpServer((socket) => socket.on('error', () => undefined).once('data', () => act(socket)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

describe('the HTTP transport', { timeout: 120_000 }, () => {
  it('is sure that nothing was sent when nobody listens', async () => {
    const { url, ...server } = await misbehave(() => undefined);
    await server[Symbol.asyncDispose]();
    await using transport = transportTo(url);
    await assert.rejects(transport.call(call, never), { code: 'UNAVAILABLE', retryable: true, details: { sent: false } });
  });

  it('takes no answer in parts, which may have no end', async () => {
    async function* endless(): AsyncGenerator<string, void> {
      for (;;) yield 'data: 1\n\n';
    }
    const headers = { 'content-type': 'text/event-stream' };
    await using far = await listen(async () => ({ status: 200, headers, body: undefined, parts: endless() }));
    await using transport = transportTo(far.url);
    await assert.rejects(transport.call(call, never), { code: 'NO_STREAM' });
  });

  const lost: [what: string, act: (socket: Socket) => void][] = [
    ['the connection is reset', (socket) => socket.resetAndDestroy()],
    ['the connection closes without an answer', (socket) => socket.end()],
    ['the answer breaks off', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a"')],
    ['the answer is not HTTP', (socket) => socket.end('hello\r\n\r\n')],
  ];
  for (const [what, act] of lost) {
    it(`does not know what happened when ${what}`, async () => {
      await using server = await misbehave(act);
      await using transport = transportTo(server.url);
      await assert.rejects(transport.call(call, never), { code: 'UNAVAILABLE', kind: 'unavailable', details: { sent: true } });
    });
  }

  it('closes the connection of a call that runs out of time', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await misbehave((socket) => socket.once('close', () => closed.resolve()));
    await using transport = transportTo(server.url);
    const hurried = { ...call, metadata: { ...call.metadata, remainingMs: 30 } };
    await assert.rejects(transport.call(hurried, never), { code: 'DEADLINE_EXCEEDED' });
    await closed.promise;
  });

  it('refuses an answer that is too large', async () => {
    await using server = await listen(async () => ({ status: 200, headers: {}, body: 'a'.repeat(2_000) }));
    await using transport = transportTo(server.url, 1_000);
    await assert.rejects(transport.call(call, never), { code: 'ANSWER_TOO_LARGE', kind: 'internal', retryable: false });
  });

  for (const [what, status, body, expected] of [
    ['a page of some balancer', 502, '<html>', { code: 'UPSTREAM_FAILED', kind: 'unavailable' }],
    ['good news that are not JSON', 200, '<html>', { code: 'MALFORMED_ANSWER', kind: 'internal' }],
    ['a poisoned answer', 200, '{"__proto__":1}', { code: 'MALFORMED_ANSWER', kind: 'internal' }],
  ] as const) {
    it(`makes an error of ${what}`, async () => {
      await using server = await listen(async () => ({ status, headers: { 'content-type': 'text/html' }, body }));
      await using transport = transportTo(server.url);
      await assert.rejects(transport.call(call, never), expected);
    });
  }

  it('follows a service that moves', async () => {
    const answer = (name: string) => listen(async () => ({ status: 200, headers: {}, body: JSON.stringify(name) }));
    await using one = await answer('one');
    await using two = await answer('two');
    let url = one.url;
    await using transport = createHttpTransport({ address: () => url, systemKey: 'key', runtime });
    assert.equal(await transport.call(call, never), 'one');
    url = two.url;
    assert.equal(await transport.call(call, never), 'two');
  });

  it('can not be led to another path by odd names', async () => {
    const paths: string[] = [];
    await using server = await listen(async ({ path }) => (paths.push(path), { status: 204, headers: {}, body: undefined }));
    await using transport = transportTo(server.url);
    await transport.call({ ...call, operation: '$events' }, never);
    await assert.rejects(transport.call({ ...call, operation: '../../admin?x=1#' }, never), { code: 'MALFORMED_PATH' });
    assert.deepEqual(paths, ['/far/call/$events']);
  });
});

describe('an HTTP upstream', { timeout: 120_000 }, () => {
  it('passes requests and answers on as they are, without what belongs to one connection', async () => {
    const seen: Parameters<HttpHandler>[0][] = [];
    await using server = await listen(async (request) => {
      seen.push(request);
      return { status: 201, headers: { 'x-answer': '1', 'keep-alive': 'timeout=1' }, body: request.body };
    });
    await using pools = createHttpPools();
    const upstream = httpUpstream({ service: 'far', baseUrl: `${server.url}/far/`, pools });
    const headers = {
      host: 'public',
      connection: 'x-a',
      te: 'trailers',
      expect: '100-continue',
      'content-length': '99',
      'x-a': '1',
    };
    const body = new Uint8Array([1, 2, 255]);
    const response = await upstream(
      { method: 'PUT', path: '/a/b', query: 'x=%20', headers, body, remoteAddress: undefined },
      never,
    );
    const { method, path, query, headers: arrived } = seen[0]!;
    assert.deepEqual([method, path, query, arrived['x-a']], ['PUT', '/far/a/b', 'x=%20', '1']);
    assert.equal(arrived.host, new URL(server.url).host);
    assert.equal(arrived.te ?? arrived.expect, undefined);
    assert.equal(response.status, 201);
    assert.deepEqual(response.body, body);
    assert.equal(response.headers['x-answer'], '1');
    assert.equal(response.headers['keep-alive'] ?? response.headers['content-length'], undefined);
  });

  it('answers unavailable when nobody listens', async () => {
    await using pools = createHttpPools();
    const upstream = httpUpstream({ service: 'far', baseUrl: 'http://127.0.0.1:1', pools });
    const request = { method: 'GET', path: '/', query: '', headers: {}, body: undefined, remoteAddress: undefined };
    await assert.rejects(upstream(request, never), { code: 'UNAVAILABLE', details: { sent: false } });
  });

  it('aborts the far side when its own client leaves', async () => {
    const state = { started: 0, aborted: 0 };
    await using far = await listen(async (_request, signal) => {
      state.started++;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      state.aborted++;
      return { status: 204, headers: {}, body: undefined };
    });
    await using pools = createHttpPools();
    await using near = await listen(httpUpstream({ service: 'far', baseUrl: far.url, pools }));
    const clients = await Promise.all(Array.from({ length: 50 }, () => openRaw(near.url)));
    for (const client of clients) client.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    await until(() => state.started === 50);
    for (const client of clients) client.socket.destroy();
    await until(() => state.aborted === 50);
  });
});
