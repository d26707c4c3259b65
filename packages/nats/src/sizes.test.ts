import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { silentLogger } from 'flotilla/telemetry';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { openMail } from './test/mail.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();
const MAX_PAYLOAD = 64 * 1_024;

test('a batch larger than the server takes goes in several messages, in order', { skip }, async () => {
  await using server = await startNats({ config: `max_payload: ${MAX_PAYLOAD}` });
  await using bus = openBus(server.url);
  await using mail = await openMail();
  const sizes: number[] = [];
  bus.subscribe('mail', [PLACED], (batch, signal) => (sizes.push(batch.length), mail.deliver(batch, signal)));
  await using shop = await openOrders(bus);
  await shop.place(numbers(200), 'x'.repeat(1_000));
  await eventually(async () => (await shop.cursor('mail')) === 200);
  assert.deepEqual(await mail.handled(), numbers(200));
  assert.ok(sizes.length > 3, `came in batches of ${sizes.join(', ')}`);
});

test('an event larger than the server takes stops its lane with an error that says what to raise', { skip }, async () => {
  await using server = await startNats({ config: `max_payload: ${MAX_PAYLOAD}` });
  await using bus = openBus(server.url);
  await using shop = await openOrders(bus);
  await shop.place([1], 'x'.repeat(MAX_PAYLOAD));
  await eventually(() => /raise 'max_payload'/.test(shop.relay.health().components!['mail']!.reason ?? ''));
});

test('what is no batch of events is dropped, loudly, and holds up nothing', { skip }, async () => {
  await using server = await startNats();
  const dropped: object[] = [];
  const log = { ...silentLogger, child: () => log, error: (fields: object) => void dropped.push(fields) };
  await using bus = openBus(server.url, { log });
  await using mail = await openMail();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await using shop = await openOrders(bus);
  await shop.place(numbers(10));
  await eventually(async () => (await mail.count()) === 10);
  const stranger = await connect({ servers: server.url });
  stranger.publish('shop.inbox.mail', 'no JSON');
  stranger.publish('shop.inbox.mail', '{"not":"a list"}');
  await stranger.flush();
  await stranger.close();
  await eventually(() => dropped.length === 2);
  await shop.place(numbers(10, 10));
  await eventually(async () => (await mail.count()) === 20);
});
