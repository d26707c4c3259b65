import { saga } from 'flotilla/saga';
import { inventory } from '../../contracts/inventory.ts';
import { payments } from '../../contracts/payments.ts';
import { paymentsDatabase } from './database.ts';

/** The goods are back: so the money goes back, however long the provider is away. */
export const refundReturn = saga('refund-return', {
  input: inventory.events.GoodsReturned.schema,
  key: ({ orderId }) => orderId,
  calls: { payments },
  contract: payments,
  database: paymentsDatabase,
})
  .startOn(inventory.events.GoodsReturned, (returned) => returned)
  .step('refund', {
    run: ({ input: { orderId }, calls }) => calls.payments.refund({ orderId }),
    commit: (_, { emit }, { input }) => emit('ReturnRefunded', input),
    // There is no way back: if it can't be refunded, a person is asked instead of keeping the money in silence.
    pivot: true,
  });
