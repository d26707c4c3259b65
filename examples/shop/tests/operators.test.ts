import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { basket, Browser } from './support/browser.ts';
import { operate } from './support/operator.ts';
import { mailKeys, movements } from './support/outside-world.ts';
import { Shop } from './support/shop.ts';
import { until } from './support/until.ts';

let shop: Shop;
before(async () => {
  shop = await Shop.open();
});
after(async () => await shop[Symbol.asyncDispose]());

const lines = [{ sku: 'TEA-DARJ-100', quantity: 2 }];

test('goods that were released before they were reserved are not reserved any more', async () => {
  const orderId = randomUUID();
  const visitor = new Browser(shop.url);
  const before = await visitor.stock('TEA-DARJ-100');
  assert.deepEqual(await operate(shop.data, 'inventory.release', { orderId }), { output: null });
  assert.deepEqual(await operate(shop.data, 'inventory.reserve', { orderId, lines }), { code: 'ORDER_RELEASED' });
  assert.deepEqual(await visitor.stock('TEA-DARJ-100'), before);
});

test('a payment that was refunded before it was charged is not charged any more', async () => {
  const orderId = randomUUID();
  const charge = { orderId, amount: 500, currency: 'EUR', token: 'tok_visa' };
  assert.deepEqual(await operate(shop.data, 'payments.refund', { orderId }), { output: null });
  assert.deepEqual(await operate(shop.data, 'payments.charge', charge), { code: 'CARD_DECLINED' });
  assert.deepEqual(
    movements(shop.data).filter(({ reference }) => reference === orderId),
    [],
  );
});

test('a parcel that was cancelled before it was booked is not booked any more', async () => {
  const orderId = randomUUID();
  const { shipTo } = basket();
  assert.deepEqual(await operate(shop.data, 'shipping.cancel', { orderId }), { output: null });
  assert.deepEqual(await operate(shop.data, 'shipping.ship', { orderId, lines, shipTo }), { code: 'SHIPMENT_CANCELLED' });
});

test('a customer who is appointed clerk may book deliveries after the next sign-in', async () => {
  const visitor = new Browser(shop.url);
  const carl = { email: 'carl@example.com', password: 'correct horse battery' };
  const delivery = { sku: 'HOM-LAMP-1', quantity: 40 };
  await visitor.post('/api/users', { ...carl, name: 'Carl' });
  const asCarl = async (): Promise<Browser> => new Browser(shop.url, (await visitor.post('/api/sessions', carl)).body.token);

  assert.equal((await (await asCarl()).post('/api/deliveries', delivery)).status, 403);
  assert.deepEqual(await operate(shop.data, 'users.appoint', { email: carl.email, role: 'clerk' }), { output: null });
  const booked = await (await asCarl()).post('/api/deliveries', delivery);
  assert.deepEqual([booked.status, booked.body], [200, { available: 40 }]);
  assert.deepEqual(await visitor.stock('HOM-LAMP-1'), { available: 40, reserved: 0 });
  assert.deepEqual(await operate(shop.data, 'users.appoint', { email: 'nobody@example.com', role: 'clerk' }), {
    code: 'NO_SUCH_USER',
  });
});

test('an operator may place an order, and the mail that nobody can get holds nothing up', async () => {
  const placed = await operate(shop.data, 'orders.place', basket());
  assert.ok('output' in placed);
  const { orderId } = placed.output as { orderId: string };
  await until('the order has run to its end', async () => {
    const answer = await operate(shop.data, 'orders.get', { orderId });
    return JSON.stringify(answer).includes('ConfirmationSent');
  });
  assert.deepEqual(
    mailKeys(shop.data).filter((key) => key.endsWith(orderId)),
    [],
  );
  const stranger = await Browser.signedIn(shop.url);
  assert.equal((await stranger.get(`/api/orders/${orderId}`)).status, 404);
});
