import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { Store, Transaction } from '../store/index.ts';
import { createFakeRuntime, openTemporaryStore } from '../testing/index.ts';
import { aggregate, type EventsOf, loadAggregate, openUnit, type Unit } from './index.ts';

const orders = contract('orders', {
  version: '1.0.0',
  team: 'checkout',
  events: {
    OrderPlaced: { version: 3, schema: z.object({ orderId: z.string(), lines: z.array(z.object({ sku: z.string() })) }) },
    OrderConfirmed: { version: 1, schema: z.object({ total: z.int() }) },
    OrderDated: { version: 1, schema: z.object({ on: z.date() }) },
  },
});
type OrdersUnit = Unit<unknown, EventsOf<typeof orders>>;

type CounterEvent = { type: 'Counted'; data: { by: number } } | { type: 'OrderConfirmed'; data: { total: number } };
const counter = aggregate<{ sum: number; last: number }, CounterEvent>('counter', {
  initial: { sum: 0, last: 0 },
  evolve: (state, { type, data, at }) => ({ sum: state.sum + (type === 'Counted' ? data.by : data.total), last: at }),
});
const runtime = createFakeRuntime({ start: 1_000 });
const origin = { correlationId: 'correlation', causationId: 'cause', traceparent: undefined, actor: 'user:1' };

/** Runs work in a unit the way a host does. */
async function inUnit<TResult>(
  store: Store,
  work: (unit: OrdersUnit, tx: Transaction) => TResult | Promise<TResult>,
): Promise<TResult> {
  return await store.transact(async (tx) => {
    const { unit, flush } = openUnit({ tx, contract: orders, runtime, origin });
    const result = await work(unit, tx);
    await flush();
    return result;
  });
}

const log = async (store: Store) => await store.events.read({ after: 0, limit: 100 });

test('emitted events are in the log after the commit, in order, with what led to them', async () => {
  await using temporary = await openTemporaryStore();
  await inUnit(temporary.store, ({ emit }) => {
    emit('OrderPlaced', { orderId: 'o1', lines: [] }, { key: 'order:o1' });
    emit('OrderConfirmed', { total: 7 });
  });
  const [placed, confirmed] = await log(temporary.store);
  assert.deepEqual([placed!.type, placed!.schemaVersion, placed!.data], ['OrderPlaced', 3, { orderId: 'o1', lines: [] }]);
  assert.deepEqual({ ...placed!.meta }, { correlationId: 'correlation', causationId: 'cause', actor: 'user:1', key: 'order:o1' });
  assert.deepEqual([placed!.stream, placed!.version, placed!.at], [undefined, undefined, 1_000]);
  assert.deepEqual([confirmed!.type, confirmed!.meta.key], ['OrderConfirmed', undefined]);
});

test('data that breaks the schema fails the unit, names event and path, and leaves nothing', async () => {
  await using temporary = await openTemporaryStore();
  const failing = inUnit(temporary.store, async ({ emit, change }) => {
    await change(counter, 'a', () => [{ type: 'Counted', data: { by: 1 } }]);
    emit('OrderPlaced', { orderId: 'o1', lines: [{ sku: 5 as never }] });
  });
  await assert.rejects(failing, { code: 'INVALID_EVENT', kind: 'internal', message: /orders\.OrderPlaced.*lines\.0\.sku/ });
  assert.deepEqual(await log(temporary.store), []);
});

test('data is checked as subscribers will receive it', async () => {
  await using temporary = await openTemporaryStore();
  const failing = inUnit(temporary.store, ({ emit }) => emit('OrderDated', { on: new Date(0) }));
  await assert.rejects(failing, { code: 'INVALID_EVENT', message: /OrderDated/ });
  const bigint = inUnit(temporary.store, ({ emit }) => emit('OrderConfirmed', { total: 1n as never }));
  await assert.rejects(bigint, { code: 'INVALID_EVENT', message: /bigint/ });
});

test('an event the contract does not declare is refused, also one named like a property of every object', async () => {
  await using temporary = await openTemporaryStore();
  for (const name of ['OrderLost', 'toString']) {
    const failing = inUnit(temporary.store, ({ emit }) => emit(name as 'OrderConfirmed', { total: 1 }));
    await assert.rejects(failing, { code: 'INVALID_EVENT', message: new RegExp(name) });
  }
});

test('what was emitted can not be changed afterwards', async () => {
  await using temporary = await openTemporaryStore();
  await inUnit(temporary.store, ({ emit }) => {
    const data = { total: 1 };
    emit('OrderConfirmed', data);
    data.total = 2;
  });
  assert.deepEqual((await log(temporary.store))[0]!.data, { total: 1 });
});

test('a late emit is an error, not a lost event', async () => {
  await using temporary = await openTemporaryStore();
  let late!: OrdersUnit['emit'];
  await inUnit(temporary.store, ({ emit }) => void (late = emit));
  assert.throws(() => late('OrderConfirmed', { total: 1 }), { code: 'TRANSACTION_ENDED' });
});

test('an aggregate changes by its events, and sees its own changes within the unit', async () => {
  await using temporary = await openTemporaryStore();
  const { store } = temporary;
  const states = await inUnit(store, async ({ change, load }) => [
    await change(counter, 'a', () => [{ type: 'Counted', data: { by: 1 } }]),
    await change(counter, 'a', ({ sum }) => [{ type: 'Counted', data: { by: sum * 10 } }]),
    await load(counter, 'a'),
    await load(counter, 'b'),
  ]);
  assert.deepEqual(
    states.map(({ state, version }) => [state.sum, version]),
    [[1, 1], [11, 2], [11, 2], [0, 0]], // prettier-ignore
  );
  assert.deepEqual(await loadAggregate({ reader: store.events, contract: orders }, { of: counter, id: 'a' }), {
    state: { sum: 11, last: 1_000 },
    version: 2,
    from: 0,
  });
  const stored = await log(store);
  assert.deepEqual(
    stored.map(({ stream, version, meta }) => [stream, version, meta.key]),
    [
      ['counter:a', 1, 'counter:a'],
      ['counter:a', 2, 'counter:a'],
    ],
  );
});

test('deciding on nothing or refusing leaves no event', async () => {
  await using temporary = await openTemporaryStore();
  const nothing = await inUnit(temporary.store, ({ change }) => change(counter, 'a', () => []));
  assert.equal(nothing.version, 0);
  const refuse = (): never => {
    throw new FlotillaError('NO', { kind: 'conflict', message: 'No.' });
  };
  await assert.rejects(
    inUnit(temporary.store, ({ change }) => change(counter, 'a', refuse)),
    { code: 'NO' },
  );
  assert.deepEqual(await log(temporary.store), []);
});

test('an event of an aggregate that the contract declares keeps the contract too', async () => {
  await using temporary = await openTemporaryStore();
  const confirm = (total: number) =>
    inUnit(temporary.store, ({ change }) => change(counter, 'a', () => [{ type: 'OrderConfirmed', data: { total } }]));
  await assert.rejects(confirm(1.5), { code: 'INVALID_EVENT', message: /orders\.OrderConfirmed.*total/ });
  assert.equal((await confirm(2)).state.sum, 2);
});

test('of two changes decided on the same version one fails', async () => {
  await using temporary = await openTemporaryStore();
  const both = inUnit(temporary.store, ({ change }) => {
    const count = () => change(counter, 'a', () => [{ type: 'Counted', data: { by: 1 } }]);
    return Promise.all([count(), count()]);
  });
  await assert.rejects(both, { code: 'VERSION_CONFLICT', retryable: true });
  assert.deepEqual(await log(temporary.store), []);
});
