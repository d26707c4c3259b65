import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { Address, Amount, Currency, Lines, OrderId, PageRequest, pageOf, Price, Sku, UserId } from './vocabulary.ts';

const Status = z.enum(['pending', 'confirmed', 'cancelled', 'returning', 'returned']);
const Moment = z.iso.datetime();
const History = z.array(z.object({ type: z.string(), at: Moment }));
const PricedLine = z.object({ sku: Sku, name: z.string(), quantity: z.int(), price: Price });

const Summary = z.object({ orderId: OrderId, status: Status, total: Amount, currency: Currency, placedAt: Moment });
const Order = z.object({
  orderId: OrderId,
  status: Status,
  total: Amount,
  currency: Currency,
  lines: z.array(PricedLine),
  shipTo: Address,
  /** Everything that happened, oldest first. */
  history: History,
  /** Why it was cancelled. */
  reason: z.string().optional(),
});

const OrderNotFound = { kind: 'not-found', details: z.object({ orderId: OrderId }) } as const;
/** What customers ordered and how it went. */
export const orders = contract('orders', {
  version: '1.0.0',
  team: 'sales',
  queries: {
    get: {
      summary: 'One of your own orders.',
      input: z.object({ orderId: OrderId }),
      output: Order,
      errors: { ORDER_NOT_FOUND: OrderNotFound },
      http: 'GET /orders/{orderId}',
      access: 'signed-in',
    },
    list: {
      summary: 'Your own orders, newest first.',
      input: PageRequest,
      output: pageOf(Summary),
      http: 'GET /orders',
      access: 'signed-in',
    },
  },
  commands: {
    place: {
      summary: 'Takes an order. It is pending until goods, payment and shipment are certain.',
      input: z.object({
        lines: Lines,
        paymentToken: z.string().regex(/^tok_\w{1,60}$/, 'write a payment token such as tok_visa'),
        shipTo: Address,
      }),
      output: z.object({ orderId: OrderId, status: z.literal('pending') }),
      errors: { UNKNOWN_PRODUCT: { kind: 'invalid', details: z.object({ skus: z.array(Sku) }) } },
      http: { route: 'POST /orders', status: 202, location: '/orders/{orderId}' },
      access: 'signed-in',
    },
    return: {
      summary: 'Announces that an order comes back. The money follows once the goods have arrived.',
      input: z.object({ orderId: OrderId }),
      output: z.object({ orderId: OrderId, status: z.literal('returning') }),
      errors: {
        ORDER_NOT_FOUND: OrderNotFound,
        /** It was not delivered, or comes back already. */
        NOT_RETURNABLE: z.object({ orderId: OrderId, status: Status }),
      },
      http: { route: 'POST /orders/{orderId}/return', status: 202 },
      access: 'signed-in',
    },
  },
  streams: {
    follow: {
      summary: 'One of your own orders: how it stands, and again whenever that changes, until it is settled.',
      input: z.object({ orderId: OrderId }),
      item: z.object({ status: Status, history: History, reason: z.string().optional() }),
      errors: { ORDER_NOT_FOUND: OrderNotFound },
      http: 'GET /orders/{orderId}/events',
      access: 'signed-in',
    },
  },
  events: {
    OrderPlaced: {
      version: 2,
      schema: z.object({
        orderId: OrderId,
        customerId: UserId,
        lines: z.array(PricedLine),
        total: Amount,
        currency: Currency,
        shipTo: Address,
      }),
    },
    /** It will be delivered; nothing undoes it any more. */
    OrderConfirmed: { version: 1, schema: z.object({ orderId: OrderId, customerId: UserId }) },
    /** Everything that was done for it is undone. */
    OrderCancelled: { version: 1, schema: z.object({ orderId: OrderId, customerId: UserId, reason: z.string() }) },
    /** The goods are, or will be, on their way back. */
    ReturnRequested: { version: 1, schema: z.object({ orderId: OrderId, customerId: UserId, lines: Lines }) },
    /** The goods are back, and so is the money. */
    OrderReturned: { version: 1, schema: z.object({ orderId: OrderId, customerId: UserId }) },
  },
});
