import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Browser } from './support/browser.ts';
import { Dice } from './support/dice.ts';
import { mailKeys, movements } from './support/outside-world.ts';
import { Shop } from './support/shop.ts';
import { type Acknowledged, Crowd, SKUS } from './support/shopper.ts';
import { until } from './support/until.ts';

const ROUNDS = 30;
const SHOPPERS = 6;
/** How long the shop may live, once open. */
const LIFE_MS = { least: 30, most: 1000 };
/** One life in so many ends while the shop is still opening. */
const STILLBORN = 6;
const OPENING_MS = { least: 0, most: 700 };
const PATIENCE_MS = 60_000;

interface Order {
  orderId: string;
  status: string;
  total: number;
  lines: { sku: string; quantity: number }[];
}

test(`a shop that is killed ${ROUNDS} times loses nothing and does nothing twice`, { timeout: 170_000 }, async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  t.diagnostic(`seed ${seed} (repeat with SEED=${seed})`);
  const dice = new Dice(seed);
  await using shop = await Shop.open();
  const visitor = new Browser(shop.url);
  const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => Browser.signedIn(shop.url)));
  const opening = await shelves(visitor);

  using crowd = new Crowd(shoppers, dice);
  await Promise.race([crowd.trouble(), killAgainAndAgain(shop, dice, t.signal)]);
  await shop.ready();
  const acknowledged = await crowd.goHome();

  const orders = await settledOrders(acknowledged);
  await until('all that was reserved is sold or back', PATIENCE_MS, async () => {
    return Object.values(await shelves(visitor)).every(({ reserved }) => reserved === 0);
  });
  await until('every mail is out', PATIENCE_MS, () => mailKeys(shop.data).length >= orders.length);
  const final = await shelves(visitor);
  assert.equal(await shop.end('SIGTERM'), 0);

  assertNothingLost(acknowledged, orders);
  for (const sku of SKUS) assert.equal(opening[sku]!.available - final[sku]!.available, soldOf(orders, sku), `${sku} sold`);
  assertMoneyFits(orders, shop.data);
  const mails = orders.map(({ orderId, status }) => `${status === 'confirmed' ? 'confirmation' : 'cancellation'}:${orderId}`);
  assert.deepEqual(mailKeys(shop.data).toSorted(), mails.toSorted());

  const confirmed = orders.filter(({ status }) => status === 'confirmed').length;
  t.diagnostic(
    `${ROUNDS} kills, ${orders.length} orders: ${confirmed} confirmed, ${orders.length - confirmed} cancelled, all sums fit`,
  );
});

async function killAgainAndAgain(shop: Shop, dice: Dice, signal: AbortSignal): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const opens = dice.between(1, STILLBORN) > 1;
    if (opens) await shop.ready();
    const { least, most } = opens ? LIFE_MS : OPENING_MS;
    // The moment itself is what is tested, so here a wait is just a wait.
    await setTimeout(dice.between(least, most), undefined, { signal });
    await shop.end('SIGKILL');
    shop.start();
  }
}

async function shelves(visitor: Browser): Promise<Record<string, { available: number; reserved: number }>> {
  return Object.fromEntries(await Promise.all(SKUS.map(async (sku) => [sku, await visitor.stock(sku)] as const)));
}

/** Every order of every shopper, asked one by one once none is pending. */
async function settledOrders(acknowledged: readonly Acknowledged[]): Promise<Order[]> {
  const shoppers = [...new Set(acknowledged.map(({ shopper }) => shopper))];
  const orders: Order[] = [];
  for (const shopper of shoppers) {
    const summaries = await until('no order is pending', PATIENCE_MS, async () => {
      const all = await shopper.all<{ orderId: string; status: string }>('/api/orders?limit=100');
      return all.some(({ status }) => status === 'pending') ? undefined : all;
    });
    for (const { orderId, status } of summaries) {
      const order = await shopper.order(orderId);
      assert.equal(order.status, status, `the list and the order agree about ${orderId}`);
      orders.push(order);
    }
  }
  return orders;
}

/** What was acknowledged is there, and nothing else: an order that was sent again after a crash is still one order. */
function assertNothingLost(acknowledged: readonly Acknowledged[], orders: readonly Order[]): void {
  const ids = (all: readonly { orderId: string }[]): string[] => all.map(({ orderId }) => orderId).toSorted();
  assert.deepEqual(ids(orders), ids(acknowledged));
  for (const { orderId, status } of orders) assert.match(status, /^(confirmed|cancelled)$/, orderId);
}

function soldOf(orders: readonly Order[], sku: string): number {
  const lines = orders.filter(({ status }) => status === 'confirmed').flatMap((order) => order.lines);
  return lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
}

/** The provider kept the total of each confirmed order, and nothing of any other. */
function assertMoneyFits(orders: readonly Order[], data: string): void {
  const kept = new Map<string, number>();
  for (const { reference, kind, amount } of movements(data)) {
    kept.set(reference, (kept.get(reference) ?? 0) + (kind === 'charge' ? amount : -amount));
  }
  for (const { orderId, status, total } of orders) {
    assert.equal(kept.get(orderId) ?? 0, status === 'confirmed' ? total : 0, `money kept for the ${status} order ${orderId}`);
    kept.delete(orderId);
  }
  assert.deepEqual([...kept], [], 'money was moved for orders that do not exist');
}
