import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFlotillaError, systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { openRaw, sendRaw, until } from '../../testing/index.ts';
import { createListener, type HttpHandler } from '../index.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`;
const listen = (handler: HttpHandler, port = 0) => createListener({ runtime: systemRuntime, log: silentLogger, handler, port });

/** A handler that answers when told to, and knows what became of its calls. */
function heldHandler() {
  const release = Promise.withResolvers<void>();
  const state = { started: 0, aborted: 0, release: () => release.resolve() };
  const handler: HttpHandler = async (_request, signal) => {
    state.started++;
    signal.addEventListener('abort', () => state.aborted++, { once: true });
    await release.promise;
    return { status: 200, headers: {}, body: 'done' };
  };
  return { handler, state };
}

describe('the life of a listener', { timeout: 120_000 }, () => {
  it('says what to do when the port is taken', async () => {
    await using first = listen(async () => ({ status: 204, headers: {}, body: undefined }));
    const { port } = await first.start();
    await using second = listen(async () => ({ status: 204, headers: {}, body: undefined }), port);
    await assert.rejects(second.start(), (error) => {
      assert.ok(isFlotillaError(error));
      assert.equal(error.code, 'PORT_IN_USE');
      assert.match(error.message, new RegExp(`Port ${port} .* choose another port`));
      return true;
    });
  });

  it('aborts the handler when the client goes away before the answer', async () => {
    const { handler, state } = heldHandler();
    await using listener = listen(handler);
    const { url } = await listener.start();
    const client = await openRaw(url);
    client.write(get('/'));
    await until(() => state.started === 1);
    client.socket.destroy();
    await until(() => state.aborted === 1);
    state.release();
  });

  it('does not call the handler for a client that leaves in the middle of its body', async () => {
    const { handler, state } = heldHandler();
    await using listener = listen(handler);
    const { url } = await listener.start();
    using client = await openRaw(url);
    client.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\nabc');
    client.socket.destroy();
    state.release();
    assert.match(await sendRaw(url, get('/').replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')), /done/);
    assert.equal(state.started, 1);
  });

  it('keeps nothing of a thousand clients that leave early', async () => {
    const { handler, state } = heldHandler();
    await using listener = listen(handler);
    const { url } = await listener.start();
    const before = process.getActiveResourcesInfo().length;
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => openRaw(url)));
      for (const [index, client] of clients.entries()) {
        client.write(index % 2 === 0 ? get('/') : 'POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\nabc');
      }
      await until(() => state.started === (round + 1) * 50);
      for (const client of clients) client.socket.destroy();
      await until(() => state.aborted === (round + 1) * 50);
    }
    state.release();
    await until(() => process.getActiveResourcesInfo().length <= before);
  });

  it('drains: finishes what runs, refuses what is new, and closes idle connections at once', async () => {
    const { handler, state } = heldHandler();
    await using listener = listen(handler);
    const { url } = await listener.start();
    using idle = await openRaw(url);
    using busy = await openRaw(url);
    busy.write(get('/'));
    await until(() => state.started === 1);
    const drained = listener.drain(10_000);
    await idle.closed;
    await assert.rejects(fetch(url));
    state.release();
    const answer = await busy.closed;
    assert.match(answer, /connection: close/i);
    assert.match(answer, /done$/);
    await drained;
    assert.equal(state.aborted, 0);
  });

  it('ends the grace by aborting what still runs', async () => {
    const { handler, state } = heldHandler();
    await using listener = listen(handler);
    const { url } = await listener.start();
    using client = await openRaw(url);
    client.write(get('/'));
    await until(() => state.started === 1);
    await listener.drain(20);
    assert.equal(state.aborted, 1);
    state.release();
  });

  it('may be drained twice and before it was started', async () => {
    const listener = listen(async () => ({ status: 204, headers: {}, body: undefined }));
    await listener.drain(0);
    await listener.start();
    await Promise.all([listener.drain(100), listener.drain(100)]);
    await listener.drain(0);
  });
});
