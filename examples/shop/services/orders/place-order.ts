import { type SagaReason, saga } from 'flotilla/saga';
import * as z from 'zod';
import { inventory } from '../../contracts/inventory.ts';
import { notifications } from '../../contracts/notifications.ts';
import { orders } from '../../contracts/orders.ts';
import { payments } from '../../contracts/payments.ts';
import { shipping } from '../../contracts/shipping.ts';
import { Address, Amount, Currency, Lines, OrderId, UserId } from '../../contracts/vocabulary.ts';
import { ordersDatabase } from './database.ts';
import { cancel, note, order, shipAndConfirm, takeBackPayment } from './order.ts';

/** Orders up to this sum are charged without a look. */
const UNSEEN = 1_000_000;

/** Sees an order through: to the end, or back to where nothing of it is left. */
export const placeOrder = saga('place-order', {
  input: z.object({
    orderId: OrderId,
    customerId: UserId,
    lines: Lines,
    total: Amount,
    currency: Currency,
    paymentToken: z.string(),
    shipTo: Address,
  }),
  key: ({ orderId }) => orderId,
  version: '2',
  calls: { inventory, payments, shipping, notifications },
  contract: orders,
  database: ordersDatabase,
})
  .step('reserve-inventory', {
    run: ({ input: { orderId, lines }, calls }) => calls.inventory.reserve({ orderId, lines }),
    commit: (_, { change }, { input }) => change(order, input.orderId, note('StockReserved')),
    compensate: ({ input, calls }) => calls.inventory.release({ orderId: input.orderId }),
    undone: ({ change }, { input }) => change(order, input.orderId, note('StockReleased')),
  })
  // No card is charged so much unless somebody has looked: `flotilla sagas signal`, or `cancel`. The goods are kept meanwhile.
  .waitFor('approval', {
    when: ({ input }) => input.total > UNSEEN,
    schema: z.object({ by: z.string().min(1) }),
    timeout: '2d',
  })
  .step('charge-payment', {
    run: ({ input: { orderId, total, currency, paymentToken }, calls }) =>
      calls.payments.charge({ orderId, amount: total, currency, token: paymentToken }),
    commit: (_, { change }, { input }) => change(order, input.orderId, note('PaymentCharged')),
    compensate: ({ input, calls }) => calls.payments.refund({ orderId: input.orderId }),
    undone: ({ change }, { input }) => change(order, input.orderId, takeBackPayment),
    // A provider that is silent for so long will not be the one that makes the customer wait.
    timeout: '1s',
    retry: { attempts: 3 },
  })
  .step('ship-order', {
    run: ({ input: { orderId, lines, shipTo }, calls }) => calls.shipping.ship({ orderId, lines, shipTo }),
    // Confirmed here and not at the end: after the pivot nothing can fail the order, so the customer need not wait for a mail.
    commit: (_, { change }, { input }) => change(order, input.orderId, shipAndConfirm),
    compensate: ({ input, calls }) => calls.shipping.cancel({ orderId: input.orderId }),
    undone: ({ change }, { input }) => change(order, input.orderId, note('ShipmentCancelled')),
    pivot: true,
  })
  .step('send-confirmation', {
    run: ({ input: { orderId, customerId }, calls }) =>
      calls.notifications.notify({ orderId, customerId, kind: 'confirmation', text: 'Your order is on its way.' }),
    commit: (_, { change }, { input }) => change(order, input.orderId, note('ConfirmationSent')),
    retry: { attempts: 10 },
  })
  .compensated(({ change }, { input, reason }) => change(order, input.orderId, cancel(explain(reason))));

const FAILURES: Readonly<Record<string, string>> = {
  OUT_OF_STOCK: 'out of stock',
  CARD_DECLINED: 'payment declined',
  CANNOT_SHIP: 'cannot be shipped',
  CANCELLED: 'called off',
};
const SILENCE: Readonly<Record<string, string>> = {
  'reserve-inventory': 'the warehouse did not answer in time',
  approval: 'nobody could look at it in time',
  'charge-payment': 'the payment could not be completed in time',
  'ship-order': 'no parcel could be booked in time',
};

/** A reason for customers: refusals in the words of who refused; whatever else went wrong without its inner details. */
function explain({ step, code, message }: SagaReason): string {
  const failure = FAILURES[code];
  return failure === undefined ? (SILENCE[step] ?? 'something went wrong') : `${failure}: ${message}`;
}
