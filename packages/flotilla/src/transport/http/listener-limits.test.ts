import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlotillaError, systemRuntime } from '../../kernel/index.ts';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import { openRaw, sendRaw, until } from '../../testing/index.ts';
import { createListener, type HttpHandler, type ListenerLimits } from '../index.ts';

const echo: HttpHandler = async ({ body }) => ({ status: 200, headers: {}, body: `got ${body?.length ?? 0}` });
const open = async (limits: Partial<ListenerLimits> = {}, handler = echo, log: Logger = silentLogger) => {
  const listener = createListener({ runtime: systemRuntime, log, handler, limits });
  const { url } = await listener.start();
  return { url, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
};
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const head = (line: string, ...fields: string[]): string =>
  [line, 'host: here', ...fields, 'connection: close', '', ''].join('\r\n');

describe('the limits of a listener', { timeout: 120_000 }, () => {
  const tooMuch: [what: string, text: string, status: number][] = [
    ['17 KiB of headers', head('GET / HTTP/1.1', `x-a: ${'a'.repeat(17 * 1024)}`), 431],
    ['40 KiB of headers', head('GET / HTTP/1.1', `x-a: ${'a'.repeat(40 * 1024)}`), 431],
    ['101 header fields', head('GET / HTTP/1.1', ...Array.from({ length: 99 }, (_, index) => `x-${index}: 1`)), 431],
    ['a URL above 8 KiB', head(`GET /${'a'.repeat(8 * 1024)} HTTP/1.1`), 414],
    ['a URL of 30 KiB', head(`GET /${'a'.repeat(30 * 1024)} HTTP/1.1`), 414],
    ['a declared body of 2 MiB', head('POST / HTTP/1.1', `content-length: ${2 * 1024 * 1024}`), 413],
    [
      'an undeclared body of 2 MiB',
      head('POST / HTTP/1.1', 'transfer-encoding: chunked') + `200000\r\n${'a'.repeat(0x200000)}\r\n0\r\n\r\n`,
      413,
    ],
  ];
  for (const [what, text, status] of tooMuch) {
    it(`answers ${status} to ${what}`, async () => {
      await using server = await open();
      const answer = await sendRaw(server.url, text);
      assert.equal(statusOf(answer), status, answer.slice(0, 300));
      assert.match(answer, /application\/problem\+json/);
    });
  }

  it('takes what just fits', async () => {
    await using server = await open();
    const fields = Array.from({ length: 97 }, (_, index) => `x-${index}: ${'v'.repeat(100)}`);
    const body = 'a'.repeat(1024 * 1024);
    const answer = await sendRaw(
      server.url,
      head(`POST /${'a'.repeat(8000)} HTTP/1.1`, ...fields, `content-length: ${body.length}`) + body,
    );
    assert.match(answer, /got 1048576$/);
  });

  it('takes in the rest of a refused body, so that its sender is not cut off before it reads the answer', async () => {
    await using server = await open();
    using connection = await openRaw(server.url);
    const errors: Error[] = [];
    connection.socket.on('error', (error) => errors.push(error));
    connection.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 3000000\r\n\r\n');
    await until(() => connection.received.endsWith('}'));
    connection.write('a'.repeat(3_000_000));
    assert.equal(statusOf(await connection.closed), 413);
    assert.deepEqual(errors, []);
  });

  it('does not ask for a body that it will refuse', async () => {
    await using server = await open();
    const answer = await sendRaw(server.url, head('POST / HTTP/1.1', 'expect: 100-continue', 'content-length: 99999999'));
    assert.equal(statusOf(answer), 413);
  });

  it('answers 408 to a head that trickles in', async () => {
    await using server = await open({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    using connection = await openRaw(server.url);
    connection.write('GET / HTTP/1.1\r\nhost: h');
    assert.equal(statusOf(await connection.closed), 408);
  });

  it('answers 408 to a body that trickles in, and others are served meanwhile', async () => {
    await using server = await open({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    using slow = await openRaw(server.url);
    slow.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\nabc');
    assert.equal(statusOf(await sendRaw(server.url, head('GET / HTTP/1.1'))), 200);
    assert.equal(statusOf(await slow.closed), 408);
  });

  it('closes a connection that says nothing', async () => {
    await using server = await open({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    using silent = await openRaw(server.url);
    await silent.closed;
  });
});

describe('failures of a handler', { timeout: 120_000 }, () => {
  it('tells a Flotilla error as a problem', async () => {
    await using server = await open({}, async () => {
      throw new FlotillaError('SOLD_OUT', { kind: 'exhausted', message: 'Come back.', details: { retryAfterMs: 1_200 } });
    });
    const answer = await sendRaw(server.url, head('GET / HTTP/1.1'));
    assert.equal(statusOf(answer), 429);
    assert.match(answer, /retry-after: 2/);
    assert.match(answer, /"code":"SOLD_OUT"/);
  });

  it('logs any other error and tells only INTERNAL', async () => {
    const logged: object[] = [];
    const log = { ...silentLogger, error: (fields: object) => void logged.push(fields) };
    const failing = async (): Promise<never> => {
      throw new Error('password=hunter2 at db.internal');
    };
    await using server = await open({}, failing, log);
    const answer = await sendRaw(server.url, head('GET / HTTP/1.1'));
    assert.equal(statusOf(answer), 500);
    assert.doesNotMatch(answer, /hunter2|db\.internal|\.ts/);
    assert.equal(logged.length, 1);
  });

  for (const [what, response] of [
    ['a header with a line break', { status: 200, headers: { 'x-a': 'a\r\nset-cookie: b' }, body: 'x' }],
    ['an impossible status', { status: 99, headers: {}, body: 'x' }],
  ] as const) {
    it(`answers 500 instead of ${what}`, async () => {
      await using server = await open({}, async () => response);
      const answer = await sendRaw(server.url, head('GET / HTTP/1.1'));
      assert.equal(statusOf(answer), 500);
      assert.doesNotMatch(answer, /set-cookie/);
    });
  }
});
