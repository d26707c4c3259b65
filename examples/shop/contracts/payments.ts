import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { Amount, Currency, OrderId } from './vocabulary.ts';

/** Takes and returns money through the payment provider. An order is charged once at most. */
export const payments = contract('payments', {
  version: '1.0.0',
  team: 'finance',
  queries: {
    payment: {
      summary: 'How the payment of an order stands; null when none was ever attempted.',
      input: z.object({ orderId: OrderId }),
      output: z.object({ status: z.enum(['charged', 'refunded']), amount: Amount }).nullable(),
    },
  },
  commands: {
    charge: {
      input: z.object({ orderId: OrderId, amount: Amount, currency: Currency, token: z.string() }),
      output: z.void(),
      errors: {
        CARD_DECLINED: z.object({ why: z.string() }),
        PROVIDER_UNAVAILABLE: { kind: 'unavailable', details: z.object({}) },
      },
      timeout: '1s',
    },
    refund: {
      summary: 'Returns the money of an order, if it was taken, and makes sure that it never will be (again).',
      input: z.object({ orderId: OrderId }),
      output: z.void(),
      timeout: '1s',
    },
  },
  events: {
    /** The money for goods that came back is with the customer. */
    ReturnRefunded: { version: 1, schema: z.object({ orderId: OrderId }) },
  },
});
