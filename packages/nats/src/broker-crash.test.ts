import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { mailStream, removeMailStream } from './test/look.ts';
import { openMail, outOfOrder } from './test/mail.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();
const ascending = (left: number, right: number): number => left - right;

test('a broker that is killed five times under load loses nothing, doubles nothing and keeps the order', { skip }, async () => {
  await using server = await startNats();
  await using bus = openBus(server.url);
  await using mail = await openMail();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await using shop = await openOrders(bus);
  const total = 10_000;
  const load = (async () => {
    for (let placed = 0; placed < total; placed += 20) await shop.place(numbers(20, placed));
  })();
  for (let kill = 1; kill <= 5; kill++) {
    await eventually(async () => (await mail.count()) >= kill * 1_500);
    await server.kill();
    await server.restart();
  }
  await load;
  await eventually(async () => (await mail.count()) >= total);
  const handled = await mail.handled();
  assert.deepEqual(handled.toSorted(ascending), numbers(total));
  assert.deepEqual(outOfOrder(handled), []);
});

test('a broker that lost all its files gets again what was not handled', { skip }, async () => {
  await using server = await startNats();
  await using bus = openBus(server.url);
  await using mail = await openMail();
  await using shop = await openOrders(bus);
  // Nobody takes these: they are in the broker alone, and in the log.
  await shop.place(numbers(50));
  await eventually(async () => (await mailStream(server.url))?.state.messages === 1);
  await server.kill();
  await rm(server.folder, { recursive: true });
  await server.restart();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await eventually(async () => (await mail.count()) >= 50);
  await shop.place(numbers(50, 50));
  await eventually(async () => (await mail.count()) >= 100);
  assert.deepEqual(await mail.handled(), numbers(100));
});

test('a stream that somebody removes and another makes anew gets again what it had', { skip }, async () => {
  await using server = await startNats();
  await using bus = openBus(server.url);
  await using mail = await openMail();
  await using shop = await openOrders(bus);
  await shop.place(numbers(50));
  await eventually(async () => (await mailStream(server.url))?.state.messages === 1);
  await removeMailStream(server.url);
  bus.subscribe('mail', [PLACED], mail.deliver);
  await eventually(async () => (await mail.count()) === 50);
  assert.deepEqual(await mail.handled(), numbers(50));
});

test('a broker that lost its last writes in a power failure passes over nothing that comes after', { skip }, async () => {
  await using server = await startNats();
  await using bus = openBus(server.url);
  await using mail = await openMail();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await using shop = await openOrders(bus);
  const placeOneByOne = async (from: number, to: number): Promise<void> => {
    for (let number = from; number <= to; number++) {
      await shop.place([number]);
      await eventually(async () => (await mail.count()) === number);
    }
  };
  await placeOneByOne(1, 3);
  const messages = join(server.folder, 'jetstream', '$G', 'streams', 'shop_inbox_mail', 'msgs');
  const earlier = join(server.folder, 'earlier');
  await server.stop();
  // The owner of the files must stay who it is.
  execFileSync('cp', ['-a', messages, earlier]);
  await server.restart();
  await placeOneByOne(4, 10);
  await server.stop();
  await rm(messages, { recursive: true });
  execFileSync('cp', ['-a', earlier, messages]);
  await server.restart();
  await placeOneByOne(11, 13);
  assert.deepEqual(await mail.handled(), numbers(13));
});
