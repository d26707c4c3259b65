import assert from 'node:assert/strict';
import type { Browser } from './browser.ts';
import { mailKeys, movements } from './outside-world.ts';
import { type Acknowledged, SKUS } from './shopper.ts';
import { until } from './until.ts';

/** Leases of those who were killed must end before their work goes on. */
const PATIENCE_MS = 150_000;

type Summary = Pick<Order, 'orderId' | 'status'>;

export interface Order {
  orderId: string;
  status: string;
  total: number;
  lines: { sku: string; quantity: number }[];
}

export type Shelves = Record<string, { available: number; reserved: number }>;

/** How much of everything the crowd buys is there. */
export async function shelves(visitor: Browser): Promise<Shelves> {
  return Object.fromEntries(await Promise.all(SKUS.map(async (sku) => [sku, await visitor.stock(sku)] as const)));
}

async function allOf(shopper: Browser): Promise<Summary[] | undefined> {
  const all = await shopper.all<Summary>('/api/orders?limit=100');
  return all.some(({ status }) => status === 'pending') ? undefined : all;
}

/** Every order of every shopper, asked one by one once none is pending. */
async function settledOrders(acknowledged: readonly Acknowledged[]): Promise<Order[]> {
  const shoppers = [...new Set(acknowledged.map(({ shopper }) => shopper))];
  const orders: Order[] = [];
  for (const shopper of shoppers) {
    const summaries = await until('no order is pending', () => allOf(shopper), PATIENCE_MS);
    for (const { orderId, status } of summaries) {
      const order = await shopper.order(orderId);
      assert.equal(order.status, status, `the list and the order agree about ${orderId}`);
      orders.push(order);
    }
  }
  return orders;
}

/**
 * Waits until the shop has come to rest and compares what customers, shelves, provider and mailer say: nothing that was
 * acknowledged is lost, and nothing happened twice. Returns the orders.
 */
export async function audit(
  shop: { url: string; data: string },
  visitor: Browser,
  { acknowledged, opening }: { acknowledged: readonly Acknowledged[]; opening: Shelves },
): Promise<Order[]> {
  const orders = await settledOrders(acknowledged);
  const isAtRest = async (): Promise<boolean> => Object.values(await shelves(visitor)).every(({ reserved }) => reserved === 0);
  await until('all that was reserved is sold or back', isAtRest, PATIENCE_MS);
  await until('every mail is out', () => mailKeys(shop.data).length >= orders.length, PATIENCE_MS);
  const final = await shelves(visitor);
  assertNothingLost(acknowledged, orders);
  for (const sku of SKUS) assert.equal(opening[sku]!.available - final[sku]!.available, soldOf(orders, sku), `${sku} sold`);
  assertMoneyFits(orders, shop.data);
  const mails = orders.map(({ orderId, status }) => `${status === 'confirmed' ? 'confirmation' : 'cancellation'}:${orderId}`);
  assert.deepEqual(mailKeys(shop.data).toSorted(), mails.toSorted());
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
