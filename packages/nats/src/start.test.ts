import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './test/eventually.ts';
import { openBus } from './test/bus.ts';
import { openMail } from './test/mail.ts';
import { numbers, openOrders, PLACED } from './test/orders.ts';
import { startNats, withoutNatsServer } from './testing/index.ts';

const skip = withoutNatsServer();

test('who is started first does not matter, and health says what is missing meanwhile', { skip }, async () => {
  await using server = await startNats();
  await server.stop();
  await using bus = openBus(server.url);
  await using mail = await openMail();
  bus.subscribe('mail', [PLACED], mail.deliver);
  await using shop = await openOrders(bus);
  await shop.place(numbers(20));
  await eventually(() => shop.relay.health().status === 'DEGRADED');
  assert.equal(bus.health('mail').status, 'DEGRADED');
  assert.match(bus.health('mail').components!['connection']!.reason!, /can't be reached: .*refused/);
  await server.restart();
  await eventually(async () => (await mail.count()) === 20);
  await eventually(() => bus.health('mail').status === 'UP' && shop.relay.health().status === 'UP');
});

const refusals = [
  {
    name: 'wrong credentials',
    config: 'authorization { user: shop, password: right }',
    login: 'shop:wrong@',
    says: /refuses the credentials/,
  },
  { name: 'a server without JetStream', config: '', jetstream: false, says: /JetStream does not answer/ },
  {
    name: 'an account without JetStream',
    config: 'accounts { A { users: [{ user: shop, password: right }] } }',
    login: 'shop:right@',
    says: /JetStream/,
  },
];

for (const { name, config, login = '', jetstream = true, says } of refusals) {
  test(`${name}: health says so, and it goes on trying`, { skip }, async () => {
    await using server = await startNats({ config, jetstream });
    await using bus = openBus(server.url.replace('//', `//${login}`));
    await eventually(() => says.test(bus.health('mail').components!['connection']!.reason!));
    assert.equal(bus.health('mail').status, 'DEGRADED');
    assert.doesNotMatch(JSON.stringify([bus.health('mail'), bus.description]), /wrong|right/);
  });
}

test('what a server refuses to keep is an error that says why, and waits in the log', { skip }, async () => {
  await using server = await startNats();
  await using bus = openBus(`${server.url}?replicas=3`);
  await using shop = await openOrders(bus);
  await shop.place([1]);
  await eventually(() => /replicas > 1 not supported/.test(shop.relay.health().components!['mail']!.reason ?? ''));
  assert.equal(await shop.cursor('mail'), 0);
});

test('a user who may not use JetStream is told what is missing', { skip }, async () => {
  const permissions = 'permissions { publish: ["nothing"], subscribe: [">"] }';
  const config = `authorization { users: [{ user: shop, password: right, ${permissions} }] }`;
  await using server = await startNats({ config });
  await using bus = openBus(server.url.replace('//', '//shop:right@'));
  await eventually(() => /does not let this user publish '\$JS/.test(bus.health('mail').components!['connection']!.reason!));
});
