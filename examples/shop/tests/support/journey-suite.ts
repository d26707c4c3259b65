import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { hint } from '../../system.ts';
import { basket, Browser } from './browser.ts';
import { operate } from './operator.ts';
import { mailKeys, movements } from './outside-world.ts';
import type { OpenShop } from './open-shop.ts';
import { until } from './until.ts';

/** What happens in a shop on good days, wherever and in however many processes it runs. */
export function journey(open: () => Promise<OpenShop>): void {
  let shop: OpenShop;
  let visitor: Browser;
  before(async () => {
    shop = await open();
    visitor = new Browser(shop.url);
  });
  after(async () => await shop[Symbol.asyncDispose]());

  test('people register once per email, whatever its capitals, and sign in with it', async () => {
    const grace = { email: 'Grace@Example.com', name: 'Grace', password: 'nanoseconds' };
    const registered = await visitor.post('/api/users', grace);
    assert.equal(registered.status, 201);
    assert.equal(typeof registered.body.id, 'string');

    const again = await visitor.post('/api/users', { ...grace, email: 'grace@EXAMPLE.com' });
    assert.deepEqual([again.status, again.body.code], [409, 'EMAIL_TAKEN']);

    const session = await visitor.post('/api/sessions', { email: 'GRACE@example.com', password: 'nanoseconds' });
    assert.equal(session.status, 200);
    assert.match(session.body.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test('a wrong password and an unknown email are told apart by nobody', async () => {
    const mary = { email: 'mary@example.com', name: 'Mary', password: 'seventeen ships' };
    await visitor.post('/api/users', mary);
    const wrong = await visitor.post('/api/sessions', { email: mary.email, password: 'eighteen ships' });
    const unknown = await visitor.post('/api/sessions', { email: 'nobody@example.com', password: 'eighteen ships' });
    for (const { status, body } of [wrong, unknown]) assert.deepEqual([status, body.code], [401, 'WRONG_CREDENTIALS']);
    assert.equal(wrong.body.detail, unknown.body.detail);
  });

  test('the products are listed page by page, each once', async () => {
    const first = await visitor.get('/api/products?limit=20');
    assert.equal(first.status, 200);
    assert.equal(first.body.items.length, 20);
    const all = await visitor.all<{ id: string; sku: string; price: number }>('/api/products?limit=20');
    assert.equal(all.length, 50);
    assert.equal(new Set(all.map(({ id }) => id)).size, 50);
    for (const product of all) assert.ok(Number.isSafeInteger(product.price) && product.price > 0, product.sku);
  });

  test('a search finds the products that hold all its words', async () => {
    const { body } = await visitor.get('/api/products?search=GREEN%20tea');
    assert.deepEqual(
      body.items.map(({ sku }: { sku: string }) => sku),
      ['TEA-SENCHA-100'],
    );
    for (const nothing of ['submarine', '%25', '_']) {
      const found = await visitor.get(`/api/products?search=${nothing}`);
      assert.equal(found.status, 200);
      if (nothing === 'submarine') assert.deepEqual(found.body, { items: [], next: null });
    }
  });

  test('a product has its own page, and one that does not exist is not found', async () => {
    const { status, body } = await visitor.get('/api/products/sencha-green-tea');
    assert.equal(status, 200);
    const { id, sku, name, price, currency } = body;
    assert.deepEqual([id, sku, name, price, currency], ['sencha-green-tea', 'TEA-SENCHA-100', 'Sencha green tea', 990, 'EUR']);
    const missing = await visitor.get('/api/products/submarine');
    assert.deepEqual([missing.status, missing.body.code], [404, 'PRODUCT_NOT_FOUND']);
  });

  test('everything the catalog sells is known to the warehouse', async () => {
    for (const { sku } of await visitor.all<{ sku: string }>('/api/products?limit=100')) await visitor.stock(sku);
    const missing = await visitor.get('/api/stock/SUBMARINE');
    assert.deepEqual([missing.status, missing.body.code], [404, 'UNKNOWN_SKU']);
  });

  test('an order is confirmed within a second; goods, money and mail say the same', async () => {
    const ada = await Browser.signedIn(shop.url);
    const before = await ada.stock('COF-PRESS-1L');
    const lines = [
      { sku: 'COF-PRESS-1L', quantity: 2 },
      { sku: 'COF-FLTR-100', quantity: 3 },
    ];
    const placed = await ada.post('/api/orders', basket({ lines }));
    assert.equal(placed.status, 202);
    assert.deepEqual(Object.keys(placed.body).toSorted(), ['orderId', 'status']);
    assert.equal(placed.body.status, 'pending');

    const { orderId } = placed.body;
    const order = await ada.settled(orderId);
    assert.equal(order.status, 'confirmed');
    assert.deepEqual([order.total, order.currency], [2 * 3490 + 3 * 490, 'EUR']);
    assert.deepEqual(
      order.lines.map(({ sku, quantity, price }) => ({ sku, quantity, price })),
      [
        { sku: 'COF-PRESS-1L', quantity: 2, price: 3490 },
        { sku: 'COF-FLTR-100', quantity: 3, price: 490 },
      ],
    );

    const { history } = await ada.happened(orderId, 'ConfirmationSent');
    const milestones = ['OrderPlaced', 'StockReserved', 'PaymentCharged', 'OrderShipped', 'OrderConfirmed', 'ConfirmationSent'];
    assert.deepEqual(
      history.map(({ type }) => type),
      milestones,
    );
    const times = history.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted());
    await until('the goods are sold', async () => {
      const { available, reserved } = await ada.stock('COF-PRESS-1L');
      return available === before.available - 2 && reserved === 0;
    });
    const booked = movements(shop.data).filter(({ reference }) => reference === orderId);
    assert.deepEqual(
      booked.map(({ kind, amount }) => ({ kind, amount })),
      [{ kind: 'charge', amount: order.total }],
    );
    assert.deepEqual(
      mailKeys(shop.data).filter((key) => key.endsWith(orderId)),
      [`confirmation:${orderId}`],
    );
  });

  test('an order can be followed, by whom it belongs to, until nothing more will happen to it', async () => {
    const ada = await Browser.signedIn(shop.url);
    const orderId = await ada.place();
    const told = await ada.followed(orderId);
    assert.ok(told.length >= 1);
    assert.equal(told.at(-1)!.status, 'confirmed');
    assert.equal(told.at(-1)!.history.at(-1)!.type, 'ConfirmationSent');
    const lengths = told.map(({ history }) => history.length);
    assert.deepEqual(
      lengths,
      lengths.toSorted((left, right) => left - right),
    );
    assert.equal((await ada.followed(orderId)).length, 1, 'what is settled is told once');
    const bob = await Browser.signedIn(shop.url);
    const spied = await bob.get(`/api/orders/${orderId}/events`);
    assert.deepEqual([spied.status, spied.body.code], [404, 'ORDER_NOT_FOUND']);
    assert.equal((await visitor.get(`/api/orders/${orderId}/events`)).status, 401);
  });

  test('the Location of a placed order leads to it', async () => {
    const ada = await Browser.signedIn(shop.url);
    const { headers, body } = await ada.post('/api/orders', basket());
    const { status, body: order } = await ada.get(headers.get('location')!);
    assert.equal(status, 200);
    assert.equal(order.orderId, body.orderId);
  });

  test('the same Idempotency-Key gives the same order, and another body with it is refused', async () => {
    const ada = await Browser.signedIn(shop.url);
    const key = { 'idempotency-key': randomUUID() };
    const first = await ada.post('/api/orders', basket(), key);
    const second = await ada.post('/api/orders', basket(), key);
    assert.deepEqual([second.status, second.body], [202, first.body]);
    const other = await ada.post('/api/orders', basket({ lines: [{ sku: 'TEA-MINT-050', quantity: 1 }] }), key);
    assert.deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED']);
    assert.equal((await ada.all('/api/orders')).length, 1);

    const bob = await Browser.signedIn(shop.url);
    const his = await bob.post('/api/orders', basket(), key);
    assert.equal(his.status, 202);
    assert.notEqual(his.body.orderId, first.body.orderId, 'keys of different people have nothing to do with each other');
  });

  test('twenty hurried clicks with one Idempotency-Key place one order', async () => {
    const ada = await Browser.signedIn(shop.url);
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.post('/api/orders', basket(), key)));
    const orderIds = new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body.orderId));
    assert.equal(orderIds.size, 1);
    assert.equal((await ada.all('/api/orders')).length, 1);
  });

  test('the lines that the shop prints when it opens place an order', async () => {
    const script = hint({ gateway: shop.url });
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    assert.match(stdout, /"TEA-ASSAM-100"/);
    assert.match(stdout, /"orderId":"[^"]+","status":"(pending|confirmed)"/);
  });

  test('people see their own orders only, newest first, page by page', async () => {
    const ada = await Browser.signedIn(shop.url);
    const bob = await Browser.signedIn(shop.url);
    const hers: string[] = [];
    for (let count = 0; count < 5; count += 1) hers.push(await ada.place());
    const his = await bob.place();

    const pages = await ada.all<{ orderId: string; placedAt: string }>('/api/orders?limit=2');
    assert.deepEqual(pages.map(({ orderId }) => orderId).toSorted(), hers.toSorted());
    const times = pages.map(({ placedAt }) => placedAt);
    assert.deepEqual(times, times.toSorted().toReversed());

    const spied = await ada.get(`/api/orders/${his}`);
    const missing = await ada.get(`/api/orders/${randomUUID()}`);
    for (const { status, body } of [spied, missing]) assert.deepEqual([status, body.code], [404, 'ORDER_NOT_FOUND']);
  });

  test('somebody counts the shelves now and then', async () => {
    const take = await until('the shelves are counted', async () => {
      const answer = await operate(shop.data, 'inventory.lastStockTake', {});
      return 'output' in answer ? answer.output : undefined;
    });
    assert.deepEqual(Object.keys(take).toSorted(), ['onHand', 'reserved', 'skus', 'soldOut', 'takenAt']);
  });

  test('the shop says how it is', async () => {
    const health = await visitor.get('/health');
    assert.deepEqual([health.status, health.body.status], [200, 'UP']);
    for (const path of ['/livez', '/readyz']) assert.equal((await visitor.get(path)).status, 200);
  });
}
