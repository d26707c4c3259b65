import { service } from 'flotilla/service';
import { catalog } from '../../contracts/catalog.ts';
import { orders } from '../../contracts/orders.ts';
import { payments } from '../../contracts/payments.ts';
import { ordersDatabase } from './database.ts';
import { closeReturn, isSettled, type Order, order, place, takeBack } from './order.ts';
import { placeOrder } from './place-order.ts';
import { priced, unknownSkus } from './pricing.ts';
import { goodsComeBack } from './returns.ts';
import { summaries } from './summaries.ts';

export const ordersService = service(orders, {
  database: ordersDatabase,
  calls: { catalog },
  aggregates: [order],
  sagas: [placeOrder, goodsComeBack],
  projections: [summaries],
  handlers: {
    place: {
      prepare: async (basket, { calls, fail }) => {
        const offers = await calls.catalog.offers({ skus: basket.lines.map(({ sku }) => sku) });
        const skus = unknownSkus(basket.lines, offers);
        if (skus.length > 0) return fail('UNKNOWN_PRODUCT', { skus }, `There is no product ${skus.join(', ')}.`);
        const { shipTo, paymentToken } = basket;
        const bill = priced(basket.lines, offers);

        return async (context) => {
          const orderId = context.newId();
          const placed = { orderId, customerId: customerOf(context), ...bill, shipTo };
          await context.change(order, orderId, place(placed));
          await context.start(placeOrder, { ...placed, lines: basket.lines, paymentToken });
          return { orderId, status: 'pending' as const };
        };
      },
    },

    return: async ({ orderId }, context) => {
      const { state } = await context.load(order, orderId);
      if (!isTheirs(state, context)) return context.fail('ORDER_NOT_FOUND', { orderId }, 'No such order.');
      const { status } = state;
      if (status !== 'confirmed') return context.fail('NOT_RETURNABLE', { orderId, status }, `The order is ${status}.`);
      await context.change(order, orderId, takeBack);
      return { orderId, status: 'returning' as const };
    },

    get: async ({ orderId }, context) => {
      const { state } = await context.load(order, orderId);
      if (!isTheirs(state, context)) return context.fail('ORDER_NOT_FOUND', { orderId }, 'No such order.');
      return { ...state, history: dated(state) };
    },

    follow: async ({ orderId }, context) => {
      const { state } = await context.load(order, orderId);
      if (!isTheirs(state, context)) return context.fail('ORDER_NOT_FOUND', { orderId }, 'No such order.');
      return progressOf(context.follow(order, orderId));
    },

    list: async ({ limit, cursor }, context) => {
      await context.caughtUp(summaries);
      // Order ids sort by the time they were made, so the last id of a page says where the next one goes on.
      let query = context.db.selectFrom('order_summaries').selectAll().where('customer_id', '=', customerOf(context));
      if (cursor !== undefined) query = query.where('order_id', '<', cursor);
      const rows = await query
        .orderBy('order_id', 'desc')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map(({ order_id, status, total, currency, placed_at }) => {
        return { orderId: order_id, status, total, currency, placedAt: isoTime(placed_at) };
      });
      return { items, next: rows.length > limit ? items.at(-1)!.orderId : null };
    },
  },
}).on(payments.events.ReturnRefunded, async ({ data }, { change }) => {
  await change(order, data.orderId, closeReturn);
});

interface Asking {
  readonly identity: { readonly subject: string | undefined };
  readonly caller: { readonly name: string };
}

/** Whose order it is stays secret as well: someone else's looks like none at all. */
function isTheirs(state: Order | undefined, context: Asking): state is Order {
  return state?.customerId === customerOf(context);
}

async function* progressOf(states: AsyncIterable<{ state: Order | undefined }>) {
  for await (const { state } of states) {
    if (!state) return;
    yield { status: state.status, history: dated(state), reason: state.reason };
    if (isSettled(state)) return;
  }
}

/** The signed-in user; an operator who orders on the command line is their own customer. */
function customerOf({ identity, caller }: Asking): string {
  return identity.subject ?? caller.name;
}

function dated({ history }: Order) {
  return history.map(({ type, at }) => ({ type, at: isoTime(at) }));
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
