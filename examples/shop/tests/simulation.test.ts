import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clients } from 'flotilla/client';
import { simulate, type Visitor, type World } from 'flotilla/testing';
import { orders } from '../contracts/orders.ts';
import { openingStock } from '../services/inventory/opening-stock.ts';
import { inventoryService } from '../services/inventory/service.ts';
import { ordersService } from '../services/orders/service.ts';
import shop from '../system.ts';
import { openBooks } from './support/books.ts';

/** Goods of which there are few, and cards of every mood. */
const GOODS = ['KIT-KNIFE-20', 'HOM-VASE-1', 'TEA-DARJ-100'];
const CARDS = ['tok_visa', 'tok_visa', 'tok_declined', 'tok_flaky', 'tok_timeout'];
const shipTo = { name: 'Ada', street: 'Quay 1', city: 'Hamburg', country: 'DE' };
const clients = { orders };

/** Orders once, however often it must be said, and tells which order that was. */
async function order({ orders: desk }: Clients<typeof clients>, { random, insist, newId }: Visitor): Promise<string> {
  const skus = GOODS.filter(() => random.next() < 0.5);
  const lines = (skus.length > 0 ? skus : GOODS).map((sku) => ({ sku, quantity: 1 + random.below(3) }));
  const basket = { lines, paymentToken: random.pick(CARDS), shipTo: { ...shipTo, country: random.pick(['DE', 'DE', 'XX']) } };
  const idempotencyKey = newId();
  const { orderId } = await insist(() => desk.place(basket, { idempotencyKey }));
  return orderId;
}

test('whatever happens to the shop, its books agree, no shelf owes goods, and every order ends', async (context) => {
  using books = openBooks();

  const everyOrderEnds = async ({ db, events, results }: World): Promise<void> => {
    const rows = await db(ordersService).selectFrom('order_summaries').selectAll().execute();
    assert.deepEqual(new Set(rows.map(({ order_id }) => order_id)), new Set(results));
    for (const { order_id, status } of rows) {
      const [last] = events(ordersService).filter(({ stream, type }) => stream === `order:${order_id}` && ENDS.has(type));
      assert.equal(status, ENDS.get(last!.type));
    }
  };

  const booksAgree = async ({ db }: World): Promise<void> => {
    const kept = new Map<string, number>();
    for (const { reference, kind, amount } of books.movements()) {
      kept.set(reference, (kept.get(reference) ?? 0) + (kind === 'charge' ? amount : -amount));
    }
    for (const { order_id, status, total } of await db(ordersService).selectFrom('order_summaries').selectAll().execute()) {
      assert.equal(kept.get(order_id) ?? 0, status === 'confirmed' ? Number(total) : 0, `money kept for ${order_id}`);
      kept.delete(order_id);
    }
    assert.deepEqual([...kept], []);
  };

  const shelvesAgree = async ({ db, events }: World): Promise<void> => {
    const sold = soldOf(events(ordersService));
    const opening = new Map(openingStock().map(({ sku, on_hand }) => [sku, on_hand]));
    for (const { sku, on_hand, reserved } of await db(inventoryService).selectFrom('stock').selectAll().execute()) {
      assert.ok(on_hand >= 0, `${sku}: ${on_hand} on hand`);
      assert.deepEqual({ on_hand, reserved }, { on_hand: opening.get(sku)! - (sold.get(sku) ?? 0), reserved: 0 }, sku);
    }
  };

  const { runs, faults } = await simulate({
    system: shop,
    clients,
    workload: order,
    visitors: 4,
    identity: (visitor) => ({ subject: `customer-${visitor}`, roles: ['customer'], scopes: [] }),
    settings: books.settings,
    outside: () => books.clear(),
    invariants: {
      'every order that was acknowledged ends': everyOrderEnds,
      'the provider has the money for what was confirmed, and no more': booksAgree,
      'the shelves lack what was confirmed, and no more': shelvesAgree,
    },
    seeds: 60,
  });
  context.diagnostic(`${runs} runs, ${faults} faults`);
});

const ENDS = new Map([
  ['OrderConfirmed', 'confirmed'],
  ['OrderCancelled', 'cancelled'],
]);

type Events = ReturnType<World['events']>;

/** How many of each sku were in orders that were confirmed. */
function soldOf(events: Events): Map<string, number> {
  const confirmed = new Set(events.filter(({ type }) => type === 'OrderConfirmed').map(({ stream }) => stream));
  const sold = new Map<string, number>();
  for (const { data } of events.filter(({ type, stream }) => type === 'OrderPlaced' && confirmed.has(stream))) {
    // What the order service wrote by its own contract.
    const { lines } = data as { lines: { sku: string; quantity: number }[] };
    for (const { sku, quantity } of lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  }
  return sold;
}
