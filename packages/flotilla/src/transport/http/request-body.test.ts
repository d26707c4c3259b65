import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { it } from 'node:test';
import { openRaw } from '../../testing/index.ts';
import { listenOn } from './listen.ts';
import { readBody } from './request-body.ts';

it('reading a body ends when its sender leaves', { timeout: 120_000 }, async () => {
  const arrived = Promise.withResolvers<IncomingMessage>();
  const server = createServer((incoming) => arrived.resolve(incoming));
  const { url } = await listenOn(server, '127.0.0.1', 0);
  const sender = await openRaw(url);
  sender.write('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\nabc');
  const reading = readBody(await arrived.promise, 100);
  sender.socket.destroy();
  await assert.rejects(reading, { code: 'CANCELLED' });
  await new Promise((resolve) => server.close(resolve));
});
