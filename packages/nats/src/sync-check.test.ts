import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from 'flotilla/kernel';
import { silentLogger } from 'flotilla/telemetry';
import { freePort } from 'flotilla/testing';
import { warnOfLateSync } from './sync-check.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

async function warnings(options: { sync?: 'always' | 'accepted'; monitor?: string }): Promise<string[]> {
  const said: string[] = [];
  const log = { ...silentLogger, warn: (_fields: object, message: string) => void said.push(message) };
  await warnOfLateSync({
    address: { shown: 'nats://host', sync: undefined, monitor: undefined, ...options },
    clock: systemClock,
    log,
  });
  return said;
}

/** The monitoring endpoint of a server that is configured so, as 2.10 and later answer. */
async function monitorOf(config: object) {
  const server = createServer((_request, response) => response.end(JSON.stringify({ jetstream: { config } })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) };
}

test('nobody can say how often the server writes to disk: a warning says what that means and what to do', async () => {
  const [warning] = await warnings({});
  assert.match(warning!, /can't see how often.*power failure.*sync_interval: always.*\?sync=always/);
});

test('an operator who answers for it hears nothing', async () => {
  assert.deepEqual([...(await warnings({ sync: 'always' })), ...(await warnings({ sync: 'accepted' }))], []);
});

test('the monitoring endpoint answers for the server', async () => {
  await using always = await monitorOf({ sync_interval: 120e9, sync_always: true });
  assert.deepEqual(await warnings({ monitor: always.url }), []);
  await using seldom = await monitorOf({ sync_interval: 60e9 });
  assert.match((await warnings({ monitor: seldom.url }))[0]!, /only every 60 s/);
});

test('a server too old to be set writes every two minutes', { skip: withoutNatsServer() }, async () => {
  const port = await freePort();
  await using _server = await startNats({ config: `http: 127.0.0.1:${port}` });
  const [warning] = await warnings({ monitor: `http://127.0.0.1:${port}` });
  assert.match(warning!, /only every 120 s/);
});

test('an endpoint that is not there is said to be silent', async () => {
  assert.match((await warnings({ monitor: `http://127.0.0.1:${await freePort()}` }))[0]!, /can't read how often/);
});
