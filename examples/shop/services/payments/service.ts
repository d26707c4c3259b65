import { service } from 'flotilla/service';
import * as z from 'zod';
import { payments } from '../../contracts/payments.ts';
import { paymentsDatabase } from './database.ts';
import { standInProvider } from './provider/stand-in.ts';
import { refundReturn } from './refund-return.ts';

export const paymentsService = service(payments, {
  database: paymentsDatabase,
  /** `books`: the file of the stand-in provider. */
  config: z.object({ books: z.string() }),
  sagas: [refundReturn],
  handlers: {
    payment: async ({ orderId }, { db }) => {
      const row = await db.selectFrom('payments').select(['status', 'amount']).where('order_id', '=', orderId).executeTakeFirst();
      return row ?? null;
    },

    charge: {
      prepare: async ({ orderId, ...charge }, { config, signal, fail }) => {
        const verdict = await standInProvider(config.books).charge({ reference: orderId, ...charge }, signal);
        if (verdict.status === 'declined') return fail('CARD_DECLINED', { why: verdict.why }, verdict.why);
        if (verdict.status === 'unavailable') return fail('PROVIDER_UNAVAILABLE', {}, 'The payment provider is away.');

        return async ({ db }) => {
          // A refund may have overtaken us; it has the last word.
          await db
            .insertInto('payments')
            .values({ order_id: orderId, status: 'charged', amount: charge.amount })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        };
      },
    },

    refund: {
      prepare: async ({ orderId }, { config, signal }) => {
        await standInProvider(config.books).refund(orderId, signal);

        return async ({ db }) => {
          await db
            .insertInto('payments')
            .values({ order_id: orderId, status: 'refunded', amount: 0 })
            .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ status: 'refunded' }))
            .execute();
        };
      },
    },
  },
});
