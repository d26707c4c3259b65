import { saga } from 'flotilla/saga';
import { notifications } from '../../contracts/notifications.ts';
import { orders } from '../../contracts/orders.ts';

/** An event is handled in one transaction, where nothing can be mailed; so it starts this, which goes on until the mail is out. */
export const mailCancellation = saga('mail-cancellation', {
  input: orders.events.OrderCancelled.schema,
  key: ({ orderId }) => orderId,
  calls: { notifications },
}).step('send', {
  run: ({ input: { orderId, customerId, reason }, calls }) => {
    const text = `We are sorry: your order was cancelled (${reason}). You pay nothing.`;
    return calls.notifications.notify({ orderId, customerId, kind: 'cancellation', text });
  },
  retry: { attempts: 10 },
  // There is no way back from a mail: if it can't be sent, a person is asked instead of giving up in silence.
  pivot: true,
});
