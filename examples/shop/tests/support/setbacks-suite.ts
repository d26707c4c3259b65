import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { basket, Browser } from './browser.ts';
import { mailKeys, movements } from './outside-world.ts';
import type { OpenShop } from './open-shop.ts';
import { until } from './until.ts';

/** What happens when something goes wrong outside, or is out of stock. */
export function setbacks(open: () => Promise<OpenShop>): void {
  let shop: OpenShop;
  let ada: Browser;
  before(async () => {
    shop = await open();
    ada = await Browser.signedIn(shop.url);
  });
  after(async () => await shop[Symbol.asyncDispose]());

  const net = (orderId: string): number =>
    movements(shop.data)
      .filter(({ reference }) => reference === orderId)
      .reduce((sum, { kind, amount }) => sum + (kind === 'charge' ? amount : -amount), 0);

  async function mailsAbout(orderId: string): Promise<string[]> {
    const mails = (): string[] => mailKeys(shop.data).filter((key) => key.endsWith(orderId));
    await until(`a mail about ${orderId} is out`, () => mails().length > 0);
    return mails();
  }

  test('a refused card cancels the order, says so, and the goods are back on the shelf', async () => {
    const sku = 'COF-ESPR-500';
    const before = await ada.stock(sku);
    const orderId = await ada.place(basket({ lines: [{ sku, quantity: 7 }], paymentToken: 'tok_declined' }));
    const order = await ada.settled(orderId);
    assert.deepEqual([order.status, order.reason], ['cancelled', 'payment declined: card refused']);
    assert.deepEqual(
      order.history.map(({ type }) => type),
      ['OrderPlaced', 'StockReserved', 'StockReleased', 'OrderCancelled'],
    );
    assert.deepEqual(await ada.stock(sku), before);
    assert.equal(net(orderId), 0);
    assert.deepEqual(await mailsAbout(orderId), [`cancellation:${orderId}`]);
  });

  test('what cannot be shipped is paid back first and put back second', async () => {
    const sku = 'HOM-BLANKET-1';
    const before = await ada.stock(sku);
    const orderId = await ada.place(basket({ lines: [{ sku, quantity: 3 }], country: 'XX' }));
    const order = await ada.settled(orderId);
    assert.deepEqual([order.status, order.reason], ['cancelled', 'cannot be shipped: no carrier goes to XX']);
    assert.deepEqual(
      order.history.map(({ type }) => type),
      ['OrderPlaced', 'StockReserved', 'PaymentCharged', 'PaymentRefunded', 'StockReleased', 'OrderCancelled'],
    );
    const times = order.history.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted());
    assert.deepEqual(await ada.stock(sku), before);
    const kinds = movements(shop.data).filter(({ reference }) => reference === orderId);
    assert.deepEqual(
      kinds.map(({ kind, amount }) => ({ kind, amount })),
      [
        { kind: 'charge', amount: order.total },
        { kind: 'refund', amount: order.total },
      ],
    );
    assert.deepEqual(await mailsAbout(orderId), [`cancellation:${orderId}`]);
  });

  // The stand-in provider takes the money of even sums before it falls silent, and does not touch odd ones.
  for (const { sku, quantity } of [
    { sku: 'TEA-MINT-050', quantity: 1 },
    { sku: 'TEA-CUP-2', quantity: 2 },
  ]) {
    test(`a provider that never answers cancels the order in seconds, and no money is kept (${quantity} ${sku})`, async () => {
      const before = await ada.stock(sku);
      const orderId = await ada.place(basket({ lines: [{ sku, quantity }], paymentToken: 'tok_timeout' }));
      const order = await ada.settled(orderId);
      assert.deepEqual([order.status, order.reason], ['cancelled', 'the payment could not be completed in time']);
      assert.deepEqual(
        order.history.map(({ type }) => type),
        ['OrderPlaced', 'StockReserved', 'PaymentVoided', 'StockReleased', 'OrderCancelled'],
      );
      assert.deepEqual(await ada.stock(sku), before);
      assert.equal(net(orderId), 0);
    });
  }

  test('a flaky provider is asked again until it charges, once', async () => {
    const orderId = await ada.place(basket({ paymentToken: 'tok_flaky' }));
    const order = await ada.settled(orderId);
    assert.equal(order.status, 'confirmed');
    assert.equal(net(orderId), order.total);
    await ada.happened(orderId, 'ConfirmationSent');
    assert.deepEqual(await mailsAbout(orderId), [`confirmation:${orderId}`]);
  });

  test('more than there is cancels the order and sets nothing aside, not even of the other lines', async () => {
    const lines = [
      { sku: 'KIT-BOWL-3', quantity: 1 },
      { sku: 'HOM-VASE-1', quantity: 3 },
    ];
    const before = await ada.stock('KIT-BOWL-3');
    const order = await ada.settled(await ada.place(basket({ lines })));
    assert.deepEqual([order.status, order.reason], ['cancelled', 'out of stock: there are only 2 of 3 HOM-VASE-1']);
    assert.deepEqual(await ada.stock('KIT-BOWL-3'), before);
    assert.deepEqual(await ada.stock('HOM-VASE-1'), { available: 2, reserved: 0 });
    assert.equal(net(order.orderId), 0);
  });

  test('ten customers who want the last five knives get five', async () => {
    const lines = [{ sku: 'KIT-KNIFE-20', quantity: 1 }];
    const orderIds = await Promise.all(Array.from({ length: 10 }, () => ada.place(basket({ lines }))));
    const statuses = await Promise.all(orderIds.map(async (orderId) => (await ada.settled(orderId)).status));
    assert.equal(statuses.filter((status) => status === 'confirmed').length, 5);
    await until('all is sold', async () => (await ada.stock('KIT-KNIFE-20')).reserved === 0);
    assert.deepEqual(await ada.stock('KIT-KNIFE-20'), { available: 0, reserved: 0 });
  });
}
