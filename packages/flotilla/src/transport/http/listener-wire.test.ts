import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { openRaw, sendRaw, until } from '../../testing/index.ts';
import { createListener, type HttpRequest } from '../index.ts';

describe('a listener on the wire', { timeout: 120_000 }, () => {
  const seen: HttpRequest[] = [];
  const listener = createListener({
    runtime: systemRuntime,
    log: silentLogger,
    handler: async (request) => {
      seen.push(request);
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${request.method} ${request.path}` };
    },
  });
  let url = '';
  before(async () => void ({ url } = await listener.start()));
  after(() => listener[Symbol.asyncDispose]());

  const send = async (text: string): Promise<{ status: number; text: string; requests: HttpRequest[] }> => {
    const first = seen.length;
    const answer = await sendRaw(url, text);
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), text: answer, requests: seen.slice(first) };
  };
  const head = (line: string, ...fields: string[]): string =>
    [line, 'host: here', ...fields, 'connection: close', '', ''].join('\r\n');

  const malformed: [why: string, text: string][] = [
    [
      'content-length and transfer-encoding',
      head('POST / HTTP/1.1', 'content-length: 3', 'transfer-encoding: chunked') + '0\r\n\r\n',
    ],
    ['two equal lengths', head('POST / HTTP/1.1', 'content-length: 3', 'content-length: 3') + 'abc'],
    ['two different lengths', head('POST / HTTP/1.1', 'content-length: 3', 'content-length: 4') + 'abcd'],
    ['a signed length', head('POST / HTTP/1.1', 'content-length: +5') + 'abcde'],
    ['a length list', head('POST / HTTP/1.1', 'content-length: 3, 3') + 'abc'],
    ['an unknown transfer coding', head('POST / HTTP/1.1', 'transfer-encoding: xchunked') + '0\r\n\r\n'],
    ['chunked before identity', head('POST / HTTP/1.1', 'transfer-encoding: chunked, identity') + '0\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nhost: here\r\nx-a: one\r\n two\r\n\r\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nhost : here\r\n\r\n'],
    ['bare line feeds', 'GET / HTTP/1.1\nhost: here\n\n'],
    ['a zero byte in a value', head('GET / HTTP/1.1', 'x-a: a\0b')],
    ['line feeds between chunks', head('POST / HTTP/1.1', 'transfer-encoding: chunked') + '3\nabc\n0\n\n'],
    ['a bad chunk size', head('POST / HTTP/1.1', 'transfer-encoding: chunked') + 'xyz\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['two hosts', head('GET / HTTP/1.1', 'host: there')],
    ['two authorizations', head('GET / HTTP/1.1', 'authorization: Bearer a', 'Authorization: Bearer b')],
    ['two content types', head('POST / HTTP/1.1', 'content-type: text/plain', 'content-type: application/json')],
    ['a target that names another host', head('GET http://evil/x HTTP/1.1')],
    ['a target that is no path', head('OPTIONS * HTTP/1.1')],
    ['an encoded slash', head('GET /a%2fb HTTP/1.1')],
    ['an encoded dot segment', head('GET /%2e%2e/admin HTTP/1.1')],
    ['a websocket', head('GET / HTTP/1.1', 'upgrade: websocket', 'connection: upgrade')],
    ['a body with GET', head('GET / HTTP/1.1', 'content-length: 3') + 'abc'],
    ['a chunked body with DELETE', head('DELETE / HTTP/1.1', 'transfer-encoding: chunked') + '3\r\nabc\r\n0\r\n\r\n'],
    ['a chunked body with OPTIONS', head('OPTIONS / HTTP/1.1', 'transfer-encoding: chunked') + '3\r\nabc\r\n0\r\n\r\n'],
    ['something that is not HTTP', 'hello there\r\n\r\n'],
  ];
  for (const [why, text] of malformed) {
    it(`answers 400 to ${why} and hands nothing on`, async () => {
      const { status, text: answer, requests } = await send(text);
      assert.equal(status, 400, answer);
      assert.match(answer, /content-type: application\/problem\+json/);
      assert.match(answer, /connection: close/i);
      assert.equal(requests.length, 0);
    });
  }

  it('refuses a smuggled second request together with the first', async () => {
    const smuggled = 'GET /admin HTTP/1.1\r\nhost: here\r\n\r\n';
    const fields = [`content-length: ${smuggled.length}`, 'transfer-encoding: chunked'];
    const { status, requests } = await send(head('POST / HTTP/1.1', ...fields) + `0\r\n\r\n${smuggled}`);
    assert.equal(status, 400);
    assert.equal(requests.length, 0);
  });

  it('does not let a malformed second request look like the answer to the first', async () => {
    const { text } = await send('GET /first HTTP/1.1\r\nhost: here\r\n\r\nGET / HTTP/1.1\r\nbad header\r\n\r\n');
    assert.doesNotMatch(text, /^HTTP\/1\.1 400/);
  });

  it('refuses CONNECT with 405', async () => assert.equal((await send('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n')).status, 405));

  it('refuses an unknown expectation with 417', async () => {
    assert.equal((await send(head('POST / HTTP/1.1', 'expect: miracles', 'content-length: 0'))).status, 417);
  });

  it('passes over an offer of HTTP/2 and hands none of it on', async () => {
    const offer = ['upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__', 'connection: Upgrade, HTTP2-Settings'];
    const first = seen.length;
    using connection = await openRaw(url);
    connection.write(['GET /1 HTTP/1.1', 'host: here', ...offer, '', ''].join('\r\n'));
    await until(() => connection.received.endsWith('GET /1'));
    connection.write(head('GET /2 HTTP/1.1'));
    assert.match(await connection.closed, /GET \/2$/);
    assert.deepEqual(Object.keys(seen[first]!.headers), ['host']);
  });

  it('accepts an absolute target that names its own host', async () => {
    const { requests } = await send(head('GET http://HERE/a//b?x=1 HTTP/1.1'));
    assert.equal(requests[0]?.path, '/a/b');
    assert.equal(requests[0].query, 'x=1');
  });

  it('keeps every header, also __proto__, as plain data', async () => {
    const { requests } = await send(head('GET / HTTP/1.1', '__proto__: x', 'X-A: 1', 'x-a: 2', 'cookie: a=1', 'cookie: b=2'));
    const { headers } = requests[0]!;
    assert.equal(Object.getPrototypeOf(headers), null);
    assert.equal(headers.__proto__, 'x');
    assert.equal(headers['x-a'], '1, 2');
    assert.equal(headers.cookie, 'a=1; b=2');
  });

  it('answers requests of one connection in their order', async () => {
    const { text } = await send(
      'GET /1 HTTP/1.1\r\nhost: here\r\n\r\nGET /2 HTTP/1.1\r\nhost: here\r\n\r\n' + head('GET /3 HTTP/1.1'),
    );
    assert.deepEqual(text.match(/GET \/\d/g), ['GET /1', 'GET /2', 'GET /3']);
  });

  it('sends no body to HEAD, but its length', async () => {
    const { text } = await send(head('HEAD /abc HTTP/1.1'));
    assert.match(text, /content-length: 9/);
    assert.ok(text.endsWith('\r\n\r\n'));
  });

  it('invites a body that is expected and small enough', async () => {
    using connection = await openRaw(url);
    connection.write(head('POST / HTTP/1.1', 'expect: 100-continue', 'content-length: 3'));
    connection.socket.once('data', () => connection.write('abc'));
    assert.match(await connection.closed, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
  });
});
