import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBus } from './test/bus.ts';
import { eventually } from './test/eventually.ts';
import { openMail } from './test/mail.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();

test(
  'a broker that stands still, with all its connections open, is noticed; when it goes on, nothing is missing',
  { skip },
  async () => {
    await using server = await startNats();
    await using bus = openBus(server.url);
    await using mail = await openMail();
    bus.subscribe('mail', [PLACED], mail.deliver);
    await using shop = await openOrders(bus);
    await shop.place(numbers(100));
    await eventually(async () => (await mail.count()) >= 50);
    server.pause();
    for (let placed = 100; placed < 1_000; placed += 100) await shop.place(numbers(100, placed));
    await eventually(() => bus.health('mail').components!['connection']!.status === 'DEGRADED');
    server.resume();
    await eventually(async () => (await mail.count()) === 1_000);
    assert.deepEqual(await mail.handled(), numbers(1_000));
  },
);
