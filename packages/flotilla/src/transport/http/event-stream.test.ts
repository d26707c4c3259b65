import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod';
import { contract } from '../../contract/index.ts';
import { FlotillaError, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, openRaw, until } from '../../testing/index.ts';
import { createHttpFace, createListener, type ItemsHandler } from '../index.ts';
import { eventStream } from './event-stream.ts';

const news = contract('news', {
  version: '1.0.0',
  team: 'press',
  streams: {
    follow: { input: z.object({ topic: z.string() }), item: z.object({ text: z.string() }), http: 'GET /news/{topic}/events' },
  },
});

/** A service that tells, behind a listener. */
async function open(tell: (signal: AbortSignal, topic: string) => AsyncGenerator<unknown, void>) {
  const state = { reasons: [] as unknown[] };
  const subscribe: ItemsHandler = async ({ input }, signal) => {
    const { topic } = input as { topic: string };
    if (topic === 'secret') throw new FlotillaError('FORBIDDEN', { kind: 'forbidden', message: 'No.' });
    signal.addEventListener('abort', () => state.reasons.push(signal.reason), { once: true });
    return tell(signal, topic);
  };
  const call = () => Promise.reject(new Error('nobody calls'));
  const handler = createHttpFace({ contract: news, call, subscribe, systemKey: 'a key', runtime: systemRuntime });
  const listener = createListener({ handler, runtime: systemRuntime, log: silentLogger });
  const { url } = await listener.start();
  return { url, state, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

async function* twice(_signal: AbortSignal, text: string): AsyncGenerator<unknown, void> {
  yield { text };
  yield { text: `${text}\nagain` };
}

async function* forEver(signal: AbortSignal): AsyncGenerator<unknown, void> {
  yield 'first';
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

describe('a stream over plain HTTP', { timeout: 120_000 }, () => {
  it('is a stream of server-sent events with an end of its own', async () => {
    await using service = await open(twice);
    const expected = 'data: {"text":"tea"}\n\ndata: {"text":"tea\\nagain"}\n\nevent: end\ndata: null\n\n';
    const response = await fetch(`${service.url}/news/tea/events`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(await response.text(), expected);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"topic":"tea"}' };
    assert.equal(await (await fetch(`${service.url}/call/follow`, init)).text(), expected);
    const head = await fetch(`${service.url}/news/tea/events`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  it('is refused with a problem before it begins, and ends with one after', async () => {
    await using service = await open(async function* () {
      yield { text: 'one' };
      throw new FlotillaError('SOLD_OUT', { kind: 'conflict', message: 'Too late.' });
    });
    const refused = await fetch(`${service.url}/news/secret/events`);
    assert.deepEqual([refused.status, refused.headers.get('content-type')], [403, 'application/problem+json']);
    const text = await (await fetch(`${service.url}/news/tea/events`)).text();
    assert.match(text, /^data: \{"text":"one"\}\n\nevent: problem\ndata: \{.*"code":"SOLD_OUT".*\}\n\n$/);
  });

  it('goes on when the time that was given for its beginning is over', async () => {
    const gate = Promise.withResolvers<void>();
    await using service = await open(async function* () {
      await gate.promise;
      yield { text: 'late' };
    });
    const asked = await fetch(`${service.url}/news/tea/events`, { headers: { 'x-request-timeout-ms': '50' } });
    using _later = systemRuntime.clock.timer(100, gate.resolve, { hold: true });
    assert.match(await asked.text(), /late/);
  });

  it('ends the work when the client leaves', async () => {
    await using service = await open(forEver);
    const client = new AbortController();
    const response = await fetch(`${service.url}/news/tea/events`, { signal: client.signal });
    await response.body!.getReader().read();
    client.abort();
    await until(() => service.state.reasons.length === 1);
  });

  it('is cut off by a drain, which waits for no end', async () => {
    await using service = await open(forEver);
    const response = await fetch(`${service.url}/news/tea/events`);
    const text = response.text();
    await service.listener.drain(60_000);
    assert.equal(await text, 'data: "first"\n\n');
    assert.equal(service.state.reasons.length, 1);
  });

  it('is sent no faster than it is read', async () => {
    let told = 0;
    await using service = await open(async function* () {
      for (;;) {
        told += 1;
        yield 'x'.repeat(100_000);
        await new Promise(setImmediate);
      }
    });
    using connection = await openRaw(service.url);
    connection.socket.pause();
    connection.write('GET /news/tea/events HTTP/1.1\r\nhost: here\r\n\r\n');
    let before = -1;
    // Buffers of the system fill first; then nothing is told any more.
    await until(async () => {
      const stands = told === before && told > 1;
      before = told;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
      return stands;
    });
    assert.ok(told < 1_000, `${told} told`);
  });
});

it('says that it lives while it has nothing to tell, and can be left then', async () => {
  const { clock } = createFakeRuntime();
  const items = (async function* () {
    yield 1;
    await new Promise(() => undefined);
  })();
  const events = eventStream(items, { clock });
  assert.deepEqual(await events.next(), { done: false, value: 'data: 1\n\n' });
  const silence = events.next();
  await clock.advance(15_000);
  assert.deepEqual(await silence, { done: false, value: ': \n\n' });
});
