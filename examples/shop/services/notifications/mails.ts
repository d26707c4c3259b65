import { saga } from 'flotilla/saga';
import { notifications } from '../../contracts/notifications.ts';
import { orders } from '../../contracts/orders.ts';

// An event is handled in one transaction, where nothing can be mailed; so each starts a saga that goes on until the mail is out.
// There is no way back from a mail, hence the pivots: if it can't be sent, a person is asked instead of giving up in silence.

const { OrderCancelled, OrderReturned } = orders.events;
const retry = { attempts: 10 };

export const mailCancellation = saga('mail-cancellation', {
  input: OrderCancelled.schema,
  key: ({ orderId }) => orderId,
  calls: { notifications },
})
  .startOn(OrderCancelled, (cancelled) => cancelled)
  .step('send', {
    run: ({ input: { orderId, customerId, reason }, calls }) => {
      const text = `We are sorry: your order was cancelled (${reason}). You pay nothing.`;
      return calls.notifications.notify({ orderId, customerId, kind: 'cancellation', text });
    },
    retry,
    pivot: true,
  });

export const mailReturn = saga('mail-return', {
  input: OrderReturned.schema,
  key: ({ orderId }) => orderId,
  calls: { notifications },
})
  .startOn(OrderReturned, (returned) => returned)
  .step('send', {
    run: ({ input, calls }) => {
      const text = 'Your parcel is back with us, and your money with you.';
      return calls.notifications.notify({ ...input, kind: 'return', text });
    },
    retry,
    pivot: true,
  });
