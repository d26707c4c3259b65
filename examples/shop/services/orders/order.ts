import type { EventData } from 'flotilla/contract';
import { aggregate } from 'flotilla/log';
import type { orders } from '../../contracts/orders.ts';
import { orderUpcasters } from './earlier-events.ts';

export type Placed = EventData<typeof orders.events.OrderPlaced>;
type Confirmed = EventData<typeof orders.events.OrderConfirmed>;
type Cancelled = EventData<typeof orders.events.OrderCancelled>;
type Returning = EventData<typeof orders.events.ReturnRequested>;

/** What happens on the way; only this service knows. `PaymentVoided`: nobody can say whether it was charged, and now it is not. */
export type Milestone =
  | 'StockReserved'
  | 'PaymentCharged'
  | 'OrderShipped'
  | 'ConfirmationSent'
  | 'ShipmentCancelled'
  | 'PaymentRefunded'
  | 'PaymentVoided'
  | 'StockReleased';

export type OrderEvent =
  | { type: 'OrderPlaced'; data: Placed }
  | { type: 'OrderConfirmed'; data: Confirmed }
  | { type: 'OrderCancelled'; data: Cancelled }
  | { type: 'ReturnRequested'; data: Returning }
  | { type: 'OrderReturned'; data: Confirmed }
  | { type: Milestone; data: null };

/** An order is everything that happened to it. */
export interface Order extends Placed {
  readonly status: 'pending' | 'confirmed' | 'cancelled' | 'returning' | 'returned';
  readonly history: readonly { type: string; at: number }[];
  readonly reason?: string;
}

export const order = aggregate<Order | undefined, OrderEvent>('order', {
  initial: undefined,
  evolve: (state, event) => {
    if (event.type === 'OrderPlaced') return { ...event.data, status: 'pending', history: [moment(event)] };
    if (!state) return state;
    const next = { ...state, history: [...state.history, moment(event)] };
    if (event.type === 'OrderConfirmed') return { ...next, status: 'confirmed' };
    if (event.type === 'OrderCancelled') return { ...next, status: 'cancelled', reason: event.data.reason };
    if (event.type === 'ReturnRequested') return { ...next, status: 'returning' };
    if (event.type === 'OrderReturned') return { ...next, status: 'returned' };
    return next;
  },
  upcasters: orderUpcasters,
  snapshots: { every: 5 },
});

function moment({ type, at }: { type: string; at: number }): { type: string; at: number } {
  return { type, at };
}

/** Nothing more will happen to it. */
export function isSettled({ status, history }: Order): boolean {
  return status === 'cancelled' || history.some(({ type }) => type === 'ConfirmationSent');
}

// What may happen next. Each is a question to the present state, answered with events.

export function place(placed: Placed) {
  return (state: Order | undefined): readonly OrderEvent[] => (state ? [] : [{ type: 'OrderPlaced', data: placed }]);
}

export function note(type: Milestone) {
  return (): readonly OrderEvent[] => [{ type, data: null }];
}

/** The parcel is booked: from here on the order only goes forward. */
export function shipAndConfirm(state: Order | undefined): readonly OrderEvent[] {
  if (state?.status !== 'pending') return [];
  const { orderId, customerId } = state;
  return [
    { type: 'OrderShipped', data: null },
    { type: 'OrderConfirmed', data: { orderId, customerId } },
  ];
}

/** Money that is known to have been taken was refunded; a charge that may have happened was voided. */
export function takeBackPayment(state: Order | undefined): readonly OrderEvent[] {
  const charged = state?.history.some(({ type }) => type === 'PaymentCharged');
  return [{ type: charged ? 'PaymentRefunded' : 'PaymentVoided', data: null }];
}

export function cancel(reason: string) {
  return (state: Order | undefined): readonly OrderEvent[] => {
    if (state?.status !== 'pending') return [];
    const { orderId, customerId } = state;
    return [{ type: 'OrderCancelled', data: { orderId, customerId, reason } }];
  };
}

/** The customer sends it back: all of it, once. */
export function takeBack(state: Order | undefined): readonly OrderEvent[] {
  if (state?.status !== 'confirmed') return [];
  const { orderId, customerId } = state;
  const lines = state.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return [{ type: 'ReturnRequested', data: { orderId, customerId, lines } }];
}

/** Goods and money are where they were before. */
export function closeReturn(state: Order | undefined): readonly OrderEvent[] {
  if (state?.status !== 'returning') return [];
  const { orderId, customerId } = state;
  return [{ type: 'OrderReturned', data: { orderId, customerId } }];
}
