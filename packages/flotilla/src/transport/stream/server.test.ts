import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { untilAborted } from '../../kernel/index.ts';
import { openRaw, until } from '../../testing/index.ts';
import type { CallHandler } from '../call.ts';
import { ANSWER, CALL, CANCEL, ERROR, GOAWAY, HEADER_BYTES, PING, PONG } from './frame.ts';
import { askingHeaders } from './handshake.ts';
import { frameBytes } from './test/frame-bytes.ts';
import { openServer, SYSTEM_KEY } from './test/open-server.ts';
import { callFrame, openRawStream } from './test/raw-stream.ts';

const echo: CallHandler = async ({ input }) => input;
const forEver: CallHandler = (_call, signal) => untilAborted(signal, new Promise(() => undefined));

const asking = (headers: Record<string, string>, path = '/$stream'): string =>
  [`GET ${path} HTTP/1.1`, 'host: here', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
const good = askingHeaders(SYSTEM_KEY, 1_000_000);

describe('asking for a stream connection', { timeout: 120_000 }, () => {
  for (const [what, text, status, code] of [
    ['without the key', asking({ ...good, 'x-internal-key': '' }), 401, 'UNAUTHENTICATED'],
    ['with another key', asking({ ...good, 'x-internal-key': SYSTEM_KEY.replace('a', 'b') }), 401, 'UNAUTHENTICATED'],
    ['with a key that is too long', asking({ ...good, 'x-internal-key': `${SYSTEM_KEY}x` }), 401, 'UNAUTHENTICATED'],
    ['at another path', asking(good, '/stream'), 400, 'UPGRADE_REFUSED'],
    ['in another major version', asking({ ...good, 'flotilla-version': '2.0' }), 400, 'UPGRADE_REFUSED'],
    ['in no version', asking({ ...good, 'flotilla-version': 'newest' }), 400, 'UPGRADE_REFUSED'],
    ['without saying what it takes', asking({ ...good, 'flotilla-accepts': 'much' }), 400, 'UPGRADE_REFUSED'],
    ['for another protocol', asking({ ...good, upgrade: 'websocket' }), 400, 'UPGRADE_REFUSED'],
    ['with a path that no request may have', asking(good, '/%2e%2e/$stream'), 400, 'MALFORMED_PATH'],
  ] as const) {
    it(`is refused ${what}`, async () => {
      await using server = await openServer({ call: echo });
      using connection = await openRaw(server.url);
      connection.write(text);
      await until(() => connection.received.includes(`"code":"${code}"`));
      assert.match(connection.received, new RegExp(`^HTTP/1.1 ${status} `));
    });
  }

  for (const [theirs, common] of [
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.2', '1.1'],
  ] as const) {
    it(`agrees on ${common} with a client that speaks ${theirs}`, async () => {
      await using server = await openServer({ call: echo });
      using connection = await openRaw(server.url);
      connection.write(asking({ ...good, 'flotilla-version': theirs }));
      await until(() => connection.received.endsWith('\r\n\r\n'));
      assert.match(connection.received, /^HTTP\/1\.1 101 /);
      assert.match(connection.received, new RegExp(`flotilla-version: ${common}\r\n`));
      assert.match(connection.received, /flotilla-accepts: 1048576\r\n/);
    });
  }

  it('reads what comes right behind the request', async () => {
    await using server = await openServer({ call: echo });
    using connection = await openRaw(server.url);
    connection.socket.write(Buffer.concat([Buffer.from(asking(good)), frameBytes(callFrame(1, 'hello'))]));
    await until(() => connection.received.endsWith('"hello"'));
  });

  it('leaves plain HTTP on the same port as it was', async () => {
    await using server = await openServer({ call: echo });
    using _stream = await openRawStream(server.url);
    assert.equal((await fetch(server.url)).status, 204);
  });

  it('does not switch over while an answer is still to come on the connection', async () => {
    const release = Promise.withResolvers<void>();
    const handler = async () => (await release.promise, { status: 204, headers: {}, body: undefined });
    await using server = await openServer({ call: echo, handler });
    using connection = await openRaw(server.url);
    connection.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    connection.write(asking(good));
    assert.doesNotMatch(await connection.closed, /101/);
    release.resolve();
  });
});

describe('the answering side of a stream connection', { timeout: 120_000 }, () => {
  it('answers many calls of one connection, each under its number', async () => {
    await using server = await openServer({ call: echo });
    using stream = await openRawStream(server.url);
    stream.send(...Array.from({ length: 1_000 }, (_, index) => callFrame(index + 1, { index })));
    await until(() => stream.frames.length === 1_000);
    for (const { type, id, body } of stream.frames) assert.deepEqual([type, body], [ANSWER, `{"index":${id - 1}}`]);
  });

  it('skips frames of types that it does not know', async () => {
    await using server = await openServer({ call: echo });
    using stream = await openRawStream(server.url);
    stream.send({ type: 200, id: 7, head: 'x', body: 'not even JSON' }, callFrame(1, 'after'));
    await until(() => stream.frames.length === 1);
    assert.equal(stream.lastBody, 'after');
  });

  it('gives a sign of life when asked', async () => {
    await using server = await openServer({ call: echo });
    using stream = await openRawStream(server.url);
    stream.send({ type: PING });
    await until(() => stream.frames.length === 1);
    assert.equal(stream.frames[0]?.type, PONG);
  });

  it('refuses one call and goes on with the others', async () => {
    await using server = await openServer({ call: echo });
    using stream = await openRawStream(server.url);
    const elsewhere = { ...callFrame(1), head: callFrame(1).head.replace('far', 'near') };
    stream.send(elsewhere, { ...callFrame(2), body: '{' }, callFrame(3, 1, { remainingMs: 0 }), callFrame(4, 1));
    await until(() => stream.frames.length === 4);
    const said = new Map(stream.frames.map(({ id, body }) => [id, JSON.parse(body) as { code?: string; details?: unknown }]));
    assert.deepEqual([said.get(1)?.code, said.get(1)?.details], ['UNAVAILABLE', { sent: false }]);
    assert.equal(said.get(2)?.code, 'MALFORMED_JSON');
    assert.equal(said.get(3)?.code, 'DEADLINE_EXCEEDED');
    assert.equal(said.get(4), 1);
  });

  it('says so when an answer is too large for the other side, or no JSON', async () => {
    const call: CallHandler = async ({ input }) => (input === 'large' ? 'a'.repeat(70_000_000) : { big: 1n });
    await using server = await openServer({ call });
    using stream = await openRawStream(server.url);
    stream.send(callFrame(1, 'large'));
    await until(() => stream.frames.length === 1);
    assert.equal((stream.lastBody as { code: string }).code, 'ANSWER_TOO_LARGE');
    stream.send(callFrame(2, 'odd'));
    await until(() => stream.frames.length === 2);
    assert.equal((stream.lastBody as { code: string }).code, 'INTERNAL');
  });

  const breaches: [what: string, bytes: Buffer, why: RegExp][] = [
    ['bytes that are no frames', Buffer.from('GET / HTTP/1.1\r\nhost: here\r\n\r\n'), /larger than/],
    ['a frame that is too large', frameBytes({ type: CALL, id: 1, head: '', body: 'a'.repeat(1_200_000) }), /larger than/],
    ['a call with the number 0', frameBytes({ ...callFrame(1), id: 0 }), /can not begin/],
    ['a call that says nothing', frameBytes({ type: CALL, id: 1, head: '', body: '' }), /head/],
    ['two calls under one number', Buffer.concat([frameBytes(callFrame(1)), frameBytes(callFrame(1))]), /can not begin/],
  ];
  for (const [what, bytes, why] of breaches) {
    it(`closes with a reason after ${what}, and aborts what runs`, async () => {
      const reasons: unknown[] = [];
      const call: CallHandler = async (made, signal) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return await forEver(made, signal);
      };
      await using server = await openServer({ call });
      using stream = await openRawStream(server.url);
      stream.send(callFrame(99));
      stream.socket.write(bytes);
      await stream.closed;
      const { type, body } = stream.frames.at(-1)!;
      assert.equal(type, GOAWAY);
      assert.match(body, /"code":"PROTOCOL_ERROR"/);
      assert.match(body, why);
      await until(() => reasons.length > 0);
      assert.equal((await fetch(server.url)).status, 204);
    });
  }

  it('survives whatever comes over a connection', async () => {
    await using server = await openServer({ call: echo, limits: { inputBytes: 10_000 } });
    const frame = fc.record({
      type: fc.integer({ min: 0, max: 12 }),
      id: fc.integer({ min: 0, max: 5 }),
      head: fc.oneof(fc.string(), fc.json(), fc.constant(callFrame(1).head)),
      body: fc.oneof(fc.string(), fc.json()),
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      frame.map((one) => frameBytes(one)),
    );
    const property = fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 10 }), async (pieces) => {
      using stream = await openRawStream(server.url);
      for (const piece of pieces) stream.socket.write(piece);
      stream.socket.end();
      await stream.closed;
    });
    await fc.assert(property, { numRuns: 200 });
    using stream = await openRawStream(server.url);
    stream.send(callFrame(1, 'still here'));
    await until(() => stream.frames.length === 1);
    assert.equal(stream.lastBody, 'still here');
  });

  it('aborts what runs when the other side breaks off in the middle of a frame', async () => {
    const reasons: unknown[] = [];
    const call: CallHandler = async (made, signal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return await forEver(made, signal);
    };
    await using server = await openServer({ call });
    using stream = await openRawStream(server.url);
    stream.send(callFrame(1));
    stream.socket.write(frameBytes(callFrame(2, 'x'.repeat(100))).subarray(0, HEADER_BYTES + 5));
    stream.socket.end();
    await stream.closed;
    await until(() => reasons.length === 1);
    assert.equal((reasons[0] as { code: string }).code, 'CANCELLED');
  });

  it('aborts a call that is cancelled and does not answer it, even when its number begins another', async () => {
    const release = Promise.withResolvers<void>();
    const aborted: unknown[] = [];
    const call: CallHandler = async ({ input }, signal) => {
      signal.addEventListener('abort', () => aborted.push(input));
      if (input === 'stubborn') await release.promise;
      return input;
    };
    await using server = await openServer({ call });
    using stream = await openRawStream(server.url);
    stream.send(callFrame(1, 'stubborn'), { type: CANCEL, id: 1 }, callFrame(1, 'next'), { type: CANCEL, id: 9 });
    await until(() => stream.frames.length === 1);
    release.resolve();
    stream.send(callFrame(2, 'last'));
    await until(() => stream.frames.length === 2);
    assert.deepEqual(
      stream.frames.map(({ id, body }) => [id, body]),
      [
        [1, '"next"'],
        [2, '"last"'],
      ],
    );
    assert.deepEqual(aborted, ['stubborn']);
  });

  it('counts work that goes on after it was cancelled', async () => {
    const release = Promise.withResolvers<void>();
    let begun = 0;
    const call: CallHandler = async () => (begun++, await release.promise);
    await using server = await openServer({ call, limits: { calls: 10 } });
    using stream = await openRawStream(server.url);
    for (let id = 1; id <= 100; id++) stream.send(callFrame(id), { type: CANCEL, id });
    await until(() => stream.frames.length === 90);
    assert.equal(begun, 10);
    for (const { type, body } of stream.frames) {
      assert.equal(type, ERROR);
      const { code, kind, details } = JSON.parse(body) as { code: string; kind: string; details: unknown };
      assert.deepEqual([code, kind, details], ['TOO_MANY_CALLS', 'exhausted', { limit: 10, sent: false }]);
    }
    release.resolve();
    const id = 1_000;
    await until(() => {
      stream.send(callFrame(id + stream.frames.length));
      return stream.frames.at(-1)?.type === ANSWER;
    });
  });

  it('stops reading calls of somebody who does not read the answers, and goes on when they are read', async () => {
    let begun = 0;
    const answer = 'a'.repeat(20_000);
    const call: CallHandler = async () => (begun++, answer);
    await using server = await openServer({ call, limits: { backlogBytes: 500_000 } });
    using stream = await openRawStream(server.url);
    stream.socket.pause();
    const sent = 2_000;
    for (let id = 1; id <= sent; id++) {
      stream.send(callFrame(id, 'x'.repeat(10_000)));
      if (id % 100 === 0) await new Promise(setImmediate);
    }
    let before = -1;
    await until(async () => {
      const isStill = before === begun;
      before = begun;
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      return isStill;
    });
    assert.ok(begun < sent / 2, `${begun} calls were begun`);
    stream.socket.resume();
    await until(() => stream.frames.length === sent);
  });
});
