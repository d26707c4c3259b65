import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from './free-port.ts';

test('a port that was given can be listened on, and many who ask at once are given different ones', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  // By chance two may be the same among 22,000, hardly three.
  assert.ok(new Set(ports).size >= 18, ports.join(' '));
  const server = createServer();
  await once(server.listen(ports[0], '127.0.0.1'), 'listening');
  server.close();
});
