import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { OrderId, UserId } from './vocabulary.ts';

/** Tells customers what became of their orders, once each. */
export const notifications = contract('notifications', {
  version: '1.0.0',
  team: 'customer-care',
  commands: {
    notify: {
      summary: 'Mails a customer about an order: one mail per order and kind, however often it is asked for.',
      input: z.object({
        orderId: OrderId,
        customerId: UserId,
        kind: z.enum(['confirmation', 'cancellation', 'return']),
        text: z.string().max(2000),
      }),
      output: z.object({ status: z.enum(['sent', 'undeliverable']) }),
    },
  },
});
