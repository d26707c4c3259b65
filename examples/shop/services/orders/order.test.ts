import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancel, note, type Order, order, type OrderEvent, place, shipAndConfirm, takeBackPayment } from './order.ts';

const placed = {
  orderId: 'o-1',
  customerId: 'u-1',
  lines: [{ sku: 'TEA', name: 'Tea', quantity: 2, price: 690 }],
  total: 1380,
  currency: 'EUR' as const,
  shipTo: { name: 'Ada', street: 'Quay 1', city: 'Hamburg', country: 'DE' },
};

type Decision = (state: Order | undefined) => readonly OrderEvent[];

/** What an order becomes when these decisions are taken one after another, a millisecond apart. */
function after(...decisions: Decision[]): Order | undefined {
  let at = 0;
  return decisions.reduce<Order | undefined>((state, decide) => {
    at += 1;
    return decide(state).reduce((next, event) => order.evolve(next, { ...event, at }), state);
  }, order.initial);
}

const types = (events: readonly OrderEvent[]): string[] => events.map(({ type }) => type);

test('an order is pending until its parcel is booked, and then confirmed', () => {
  assert.equal(after(place(placed))?.status, 'pending');
  const confirmed = after(place(placed), note('StockReserved'), note('PaymentCharged'), shipAndConfirm);
  assert.equal(confirmed?.status, 'confirmed');
  assert.deepEqual(confirmed.history, [
    { type: 'OrderPlaced', at: 1 },
    { type: 'StockReserved', at: 2 },
    { type: 'PaymentCharged', at: 3 },
    { type: 'OrderShipped', at: 4 },
    { type: 'OrderConfirmed', at: 4 },
  ]);
});

test('a cancelled order tells why and keeps its history', () => {
  const cancelled = after(place(placed), note('StockReserved'), note('StockReleased'), cancel('payment declined: card refused'));
  assert.equal(cancelled?.status, 'cancelled');
  assert.equal(cancelled.reason, 'payment declined: card refused');
  assert.deepEqual(
    cancelled.history.map(({ type }) => type),
    ['OrderPlaced', 'StockReserved', 'StockReleased', 'OrderCancelled'],
  );
});

test('an order ends once: what is confirmed is never cancelled, and the other way round', () => {
  assert.deepEqual(cancel('late')(after(place(placed), shipAndConfirm)), []);
  assert.deepEqual(shipAndConfirm(after(place(placed), cancel('early'))), []);
});

test('placing an order twice places it once', () => {
  assert.deepEqual(place(placed)(after(place(placed))), []);
});

test('money that was taken is refunded; a charge that may have happened is voided', () => {
  assert.deepEqual(types(takeBackPayment(after(place(placed), note('PaymentCharged')))), ['PaymentRefunded']);
  assert.deepEqual(types(takeBackPayment(after(place(placed)))), ['PaymentVoided']);
});

test('nothing happens to an order that was never placed', () => {
  assert.equal(after(note('StockReserved'), shipAndConfirm, cancel('why not')), undefined);
});
