import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { sendRaw, until } from '../testing/index.ts';
import { createHttpPools, createListener, httpUpstream, type HttpRequest, type HttpResponse } from '../transport/index.ts';
import { createGateway, parseGatewayConfig } from './index.ts';

const SYSTEM_KEY = 'the-system-key';
const services = ['orders'];

/** A gateway and a service, each behind a real socket. */
function openPair(yaml: string) {
  const seen: HttpRequest[] = [];
  const state: { answer: HttpResponse; hang: boolean; aborted: number } = {
    answer: { status: 200, headers: {}, body: 'ok' },
    hang: false,
    aborted: 0,
  };
  const shared = { runtime: systemRuntime, log: silentLogger };
  const service = createListener({
    ...shared,
    handler: async (request, signal) => {
      seen.push(request);
      signal.addEventListener('abort', () => (state.aborted += 1));
      return state.hang ? new Promise<never>(() => undefined) : state.answer;
    },
  });
  const pools = createHttpPools();
  let baseUrl = '';
  const gateway = createGateway({
    ...shared,
    config: parseGatewayConfig(yaml, 'gateway.yaml', { services }),
    upstream: (name) => (request, signal) => httpUpstream({ service: name, baseUrl, pools })(request, signal),
    systemKey: SYSTEM_KEY,
    health: async () => ({ status: 'UP' }),
  });
  const front = createListener({ ...shared, handler: gateway.handler });
  return {
    seen,
    state,
    start: async (): Promise<string> => {
      baseUrl = (await service.start()).url;
      return (await front.start()).url;
    },
    stop: async (): Promise<void> => {
      await front[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await pools[Symbol.asyncDispose]();
    },
  };
}

describe('header hygiene on the wire', { timeout: 20_000 }, () => {
  const pair = openPair("strip_prefix: /api\nroutes: [{ path: '/api/*', service: orders }]");
  let url = '';
  before(async () => void (url = await pair.start()));
  after(() => pair.stop());

  const send = async (fields: readonly string[], line = 'GET /api/x HTTP/1.1') => {
    const first = pair.seen.length;
    const text = await sendRaw(url, [line, 'host: shop.example', ...fields, '', ''].join('\r\n'));
    return { text, status: Number(text.slice(9, 12)), headers: pair.seen[first]?.headers, calls: pair.seen.length - first };
  };
  const closing = 'connection: close';

  it('lets nobody outside speak in the name of the gateway', async () => {
    const forged = [
      'X-User: admin',
      'X-User-Id: admin',
      'x_user_id: admin',
      'X-User-Roles: admin',
      'X-User-Scopes: everything',
      'X-Internal-Key: guess',
      'X-Caller: service:orders',
      'X-Correlation-Id: forged',
      'X-Request-Attempt: 9',
      'X-Forwarded-For: 203.0.113.1',
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Prefix: /evil',
      'X-Forwarded-Port: 1',
      'X-Real-IP: 203.0.113.1',
      'Forwarded: for=203.0.113.1',
      'X-Original-Url: /call/x',
      'X-Http-Method-Override: DELETE',
      'X-Envoy-Expected-Rq-Timeout-Ms: 1',
    ];
    const { headers } = await send([...forged, 'accept: text/plain', 'x-custom: kept', closing]);
    const { 'x-request-id': requestId, 'x-correlation-id': correlationId, traceparent, ...rest } = headers!;
    assert.match(requestId!, /^[0-9a-f-]{36}$/);
    assert.equal(correlationId, requestId);
    assert.match(traceparent!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const { host: _host, connection: _connection, 'x-request-timeout-ms': timeout, ...said } = rest;
    assert.ok(Number(timeout) > 0 && Number(timeout) <= 15_000);
    assert.deepEqual(
      { ...said },
      {
        accept: 'text/plain',
        'x-custom': 'kept',
        'x-caller': 'gateway',
        'x-internal-key': SYSTEM_KEY,
        'x-request-attempt': '1',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'shop.example',
        'x-forwarded-prefix': '/api',
        'x-forwarded-proto': 'http',
      },
    );
  });

  it('removes what belongs to one connection, and what its connection header names', async () => {
    const { headers } = await send([
      'te: trailers',
      'keep-alive: 5',
      'proxy-authorization: Basic x',
      'hop: 1',
      'connection: close, hop',
    ]);
    for (const name of ['te', 'keep-alive', 'proxy-authorization', 'hop']) assert.equal(headers![name], undefined, name);
  });

  it('refuses a connection header that would remove what matters', async () => {
    for (const name of [
      'authorization',
      'X-User-Id',
      'x-forwarded-for',
      'traceparent',
      'Host',
      'content-type',
      'cookie',
      'x-internal-key',
    ]) {
      const { status, calls } = await send([`connection: close, ${name}`]);
      assert.deepEqual([status, calls], [400, 0], name);
    }
  });

  it('gives every request a fresh id, whatever the client calls it', async () => {
    for (const id of ['mine', 'x'.repeat(10_000), '../../etc/passwd', 'a b']) {
      const { text, headers } = await send([`x-request-id: ${id}`, closing]);
      assert.match(headers!['x-request-id']!, /^[0-9a-f-]{36}$/);
      assert.ok(text.includes(`x-request-id: ${headers!['x-request-id']}\r\n`));
    }
  });

  it('goes on with a well-formed trace and begins a new one otherwise', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const good = await send([`traceparent: 00-${traceId}-00f067aa0ba902b7-01`, 'tracestate: vendor=1', closing]);
    assert.match(good.headers!.traceparent!, new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    assert.equal(good.headers!.tracestate, 'vendor=1');
    const bad = [
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      'junk',
      `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
    ];
    for (const traceparent of bad) {
      const { headers } = await send([`traceparent: ${traceparent}`, 'tracestate: vendor=1', closing]);
      assert.match(headers!.traceparent!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      assert.ok(!headers!.traceparent!.includes(traceId), traceparent);
      assert.equal(headers!.tracestate, undefined);
    }
  });

  it('keeps what is internal out of answers', async () => {
    const internal = [
      'x-internal-key',
      'x-user-id',
      'x-caller',
      'server',
      'x-powered-by',
      'traceparent',
      'x-correlation-id',
      'hop',
    ];
    pair.state.answer = {
      status: 200,
      headers: { ...Object.fromEntries(internal.map((name) => [name, 'leaked'])), 'x-request-id': 'leaked', 'x-page': '2' },
      body: 'ok',
    };
    const { text } = await send([closing]);
    assert.match(text, /x-page: 2\r\n/);
    for (const name of internal.filter((one) => one !== 'hop')) assert.doesNotMatch(text, new RegExp(`^${name}:`, 'im'));
    assert.equal(text.match(/^x-request-id:/gim)?.length, 1);
    assert.doesNotMatch(text, /x-request-id: leaked/);
  });

  it('finds the same path whatever way it is written, and no other', async () => {
    const lines = [
      'GET /api/%63all/place HTTP/1.1',
      'GET /api/./call/place HTTP/1.1',
      'GET /api//call/place HTTP/1.1',
      'GET /api/x/../call/place HTTP/1.1',
    ];
    for (const line of lines) {
      const { status, calls } = await send([closing], line);
      assert.deepEqual([status, calls], [404, 0], line);
    }
    for (const line of ['GET /api/x%2f..%2fcall HTTP/1.1', 'GET /api/%2e%2e/x HTTP/1.1', 'GET /api/a%00 HTTP/1.1']) {
      assert.equal((await send([closing], line)).status, 400, line);
    }
    const { calls } = await send([closing], 'GET /api/%2563all/place HTTP/1.1');
    assert.deepEqual([calls, pair.seen.at(-1)?.path], [1, '/%2563all/place']);
  });

  it('stops the work of a service when its client leaves', async () => {
    pair.state.hang = true;
    const calls = pair.seen.length;
    const leaving = new AbortController();
    const answering = fetch(`${url}/api/slow`, { signal: leaving.signal }).catch(() => undefined);
    await until(() => pair.seen.length > calls);
    leaving.abort();
    await answering;
    await until(() => pair.state.aborted > 0);
    pair.state.hang = false;
  });
});

describe('behind one proxy of our own', { timeout: 20_000 }, () => {
  const pair = openPair("trusted_hops: 1\nroutes: [{ path: '/*', service: orders }]");
  let url = '';
  before(async () => void (url = await pair.start()));
  after(() => pair.stop());

  it('believes what the proxy says of the client, and nothing that the client says through it', async () => {
    await fetch(`${url}/x`, {
      headers: {
        'x-forwarded-for': '6.6.6.6, 203.0.113.9',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'shop.example',
        'x-request-id': 'from-the-proxy.1',
        'x-user-id': 'admin',
      },
    });
    const { headers } = pair.seen[0]!;
    assert.deepEqual(
      ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id', 'x-user-id'].map((name) => headers[name]),
      ['203.0.113.9', 'https', 'shop.example', 'from-the-proxy.1', undefined],
    );
  });

  it('replaces a request id that is not well formed', async () => {
    for (const id of ['../x', 'x'.repeat(129), 'a b', '{}']) {
      await fetch(`${url}/x`, { headers: { 'x-request-id': id } });
      assert.match(pair.seen.at(-1)!.headers['x-request-id']!, /^[0-9a-f-]{36}$/);
    }
  });
});
