import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from 'flotilla/testing';
import {
  cancel,
  closeReturn,
  type Milestone,
  order,
  type OrderEvent,
  place,
  shipAndConfirm,
  takeBack,
  takeBackPayment,
} from './order.ts';

const facts = {
  orderId: 'o-1',
  customerId: 'u-1',
  lines: [{ sku: 'TEA', name: 'Tea', quantity: 2, price: 690 }],
  total: 1380,
  currency: 'EUR' as const,
  shipTo: { name: 'Ada', street: 'Quay 1', city: 'Hamburg', country: 'DE' },
};
const placed: OrderEvent = { type: 'OrderPlaced', data: facts };
const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { orderId: 'o-1', customerId: 'u-1' } };
const cancelled = (reason: string): OrderEvent => ({
  type: 'OrderCancelled',
  data: { orderId: 'o-1', customerId: 'u-1', reason },
});
const noted = (type: Milestone): OrderEvent => ({ type, data: null });

test('an order is pending until its parcel is booked, and then confirmed', () => {
  given(order)
    .when(place(facts))
    .thenState({ ...facts, status: 'pending', history: [{ type: 'OrderPlaced', at: 1 }] });
  const underWay = given(order, [placed, noted('StockReserved'), noted('PaymentCharged')]);
  underWay.when(shipAndConfirm).then([noted('OrderShipped'), confirmed]);
  underWay.when(shipAndConfirm).thenState({
    ...facts,
    status: 'confirmed',
    history: [
      { type: 'OrderPlaced', at: 1 },
      { type: 'StockReserved', at: 2 },
      { type: 'PaymentCharged', at: 3 },
      { type: 'OrderShipped', at: 4 },
      { type: 'OrderConfirmed', at: 5 },
    ],
  });
});

test('a cancelled order tells why and keeps its history', () => {
  given(order, [placed])
    .when(cancel('payment declined: card refused'))
    .thenState({
      ...facts,
      status: 'cancelled',
      reason: 'payment declined: card refused',
      history: [
        { type: 'OrderPlaced', at: 1 },
        { type: 'OrderCancelled', at: 2 },
      ],
    });
});

test('an order ends once: what is confirmed is never cancelled, and the other way round', () => {
  given(order, [placed, confirmed]).when(cancel('late')).then([]);
  given(order, [placed, cancelled('early')])
    .when(shipAndConfirm)
    .then([]);
});

test('placing an order twice places it once', () => {
  given(order, [placed]).when(place(facts)).then([]);
});

test('money that was taken is refunded; a charge that may have happened is voided', () => {
  given(order, [placed, noted('PaymentCharged')])
    .when(takeBackPayment)
    .then([noted('PaymentRefunded')]);
  given(order, [placed])
    .when(takeBackPayment)
    .then([noted('PaymentVoided')]);
});

test('nothing happens to an order that was never placed', () => {
  assert.equal(order.initial, undefined);
  given(order, [noted('StockReserved')])
    .when(shipAndConfirm)
    .then([]);
  given(order).when(cancel('why not')).then([]);
});

test('only what was confirmed comes back, once, and with all its lines', () => {
  const returning: OrderEvent = {
    type: 'ReturnRequested',
    data: { orderId: 'o-1', customerId: 'u-1', lines: [{ sku: 'TEA', quantity: 2 }] },
  };
  given(order, [placed]).when(takeBack).then([]);
  given(order, [placed, confirmed]).when(takeBack).then([returning]);
  given(order, [placed, confirmed, returning]).when(takeBack).then([]);
  given(order, [placed, confirmed]).when(closeReturn).then([]);
  given(order, [placed, confirmed, returning])
    .when(closeReturn)
    .then([{ type: 'OrderReturned', data: { orderId: 'o-1', customerId: 'u-1' } }]);
});
