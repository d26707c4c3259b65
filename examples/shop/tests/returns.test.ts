import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { basket, Browser } from './support/browser.ts';
import { operate, runCli } from './support/operator.ts';
import { mailKeys, movements } from './support/outside-world.ts';
import { Shop } from './support/shop.ts';
import { until } from './support/until.ts';

let shop: Shop;
before(async () => {
  shop = await Shop.open();
});
after(async () => await shop[Symbol.asyncDispose]());

const TEA = 'TEA-ROOI-250';

async function reaches(shopper: Browser, orderId: string, status: string): Promise<void> {
  await until(`the order is ${status}`, async () => {
    return (await shopper.get(`/api/orders/${orderId}`)).body.status === status;
  });
}

async function confirmedOrder(shopper: Browser, lines = [{ sku: TEA, quantity: 3 }]): Promise<string> {
  const { body } = await shopper.post('/api/orders', basket({ lines }));
  await reaches(shopper, body.orderId, 'confirmed');
  return body.orderId;
}

test('an order that comes back is put on its shelf, refunded and mailed about, though nobody directs it', async () => {
  const shopper = await Browser.signedIn(shop.url);
  const before = await shopper.stock(TEA);
  const orderId = await confirmedOrder(shopper);
  const answer = await shopper.post(`/api/orders/${orderId}/return`, {});
  assert.deepEqual([answer.status, answer.body], [202, { orderId, status: 'returning' }]);
  assert.equal((await shopper.post(`/api/orders/${orderId}/return`, {})).body.code, 'NOT_RETURNABLE');
  const correlationId = answer.headers.get('x-request-id')!;
  // Somebody watches meanwhile.
  await until('the deadline runs', async () => {
    const watched = await runCli(shop.data, 'sagas', 'list', '--kind', 'goods-come-back', '--status', 'waiting', '--json');
    return watched.includes(orderId);
  });

  assert.deepEqual(await operate(shop.data, 'inventory.takeBack', { orderId }), { output: null });
  await reaches(shopper, orderId, 'returned');
  assert.deepEqual(await shopper.stock(TEA), before);
  await until('the customer has heard', async () => mailKeys(shop.data).includes(`return:${orderId}`));
  assert.deepEqual(
    movements(shop.data)
      .filter(({ reference }) => reference === orderId)
      .map(({ kind }) => kind),
    ['charge', 'refund'],
  );
  await until('nobody watches any more', async () => {
    const watched = await runCli(shop.data, 'sagas', 'list', '--kind', 'goods-come-back', '--status', 'done', '--json');
    return watched.includes(orderId);
  });

  const told = await runCli(shop.data, 'conversation', correlationId);
  const parts = [
    /orders +ReturnRequested/,
    /inventory +saga take-back-goods/,
    /inventory +GoodsReturned/,
    /payments +saga refund-return/,
  ];
  for (const part of [...parts, /payments +ReturnRefunded/, /orders +OrderReturned/, /notifications +saga mail-return/]) {
    assert.match(told, part);
  }
});

test('a parcel may come before the news that it will', async () => {
  const shopper = await Browser.signedIn(shop.url);
  const orderId = await confirmedOrder(shopper);
  assert.deepEqual(await operate(shop.data, 'inventory.takeBack', { orderId }), { output: null });
  await shopper.post(`/api/orders/${orderId}/return`, {});
  await reaches(shopper, orderId, 'returned');
});

test("somebody else's order can't be returned, and looks like none", async () => {
  const orderId = await confirmedOrder(await Browser.signedIn(shop.url));
  const stranger = await Browser.signedIn(shop.url);
  assert.equal((await stranger.post(`/api/orders/${orderId}/return`, {})).status, 404);
});

test('a large order waits until somebody has looked at it', async () => {
  const shopper = await Browser.signedIn(shop.url);
  const lines = [{ sku: 'COF-GRIND-1', quantity: 200 }];
  const { body } = await shopper.post('/api/orders', basket({ lines }));
  const waiting = async (): Promise<string> =>
    await runCli(shop.data, 'sagas', 'list', '--kind', 'place-order', '--status', 'waiting', '--json');
  await until('it waits', async () => (await waiting()).includes(body.orderId));
  assert.equal((await shopper.get(`/api/orders/${body.orderId}`)).body.status, 'pending');
  const { id } = JSON.parse((await waiting()).split('\n')[0]!) as { id: string };
  await runCli(shop.data, 'sagas', 'signal', id, 'approval', '{"by":"ada"}');
  await reaches(shopper, body.orderId, 'confirmed');
});

test('a large order that somebody calls off leaves nothing behind', async () => {
  const shopper = await Browser.signedIn(shop.url);
  const before = await shopper.stock('COF-GRIND-1');
  const { body } = await shopper.post('/api/orders', basket({ lines: [{ sku: 'COF-GRIND-1', quantity: 201 }] }));
  const waiting = async (): Promise<string> =>
    await runCli(shop.data, 'sagas', 'list', '--kind', 'place-order', '--status', 'waiting', '--json');
  await until('it waits', async () => (await waiting()).includes(body.orderId));
  const { id } = JSON.parse((await waiting()).split('\n')[0]!) as { id: string };
  await runCli(shop.data, 'sagas', 'cancel', id, '--reason', 'a slip of the finger');
  await reaches(shopper, body.orderId, 'cancelled');
  assert.match(
    (await shopper.get(`/api/orders/${body.orderId}`)).body.reason,
    /^called off: Cancelled by .*a slip of the finger/,
  );
  assert.deepEqual(await shopper.stock('COF-GRIND-1'), before);
});
