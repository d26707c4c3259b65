import { contract } from 'flotilla/contract';
import { type Runtime, systemRuntime } from 'flotilla/kernel';
import { openUnit } from 'flotilla/log';
import { type Bus, createRelay, type EventMessage, type Relay, toMessage } from 'flotilla/messaging';
import type { Store } from 'flotilla/store';
import { silentLogger } from 'flotilla/telemetry';
import { openTemporaryStore } from 'flotilla/testing';
import * as z from 'zod';

export const orders = contract('orders', {
  version: '1.0.0',
  team: 'checkout',
  events: { OrderPlaced: { version: 1, schema: z.object({ number: z.int(), padding: z.string().optional() }) } },
});
export const PLACED = 'orders.OrderPlaced';
/** As many keys as customers; each customer's orders must stay in order. */
const KEYS = 20;

export const keyOf = (number: number): string => `customer-${number % KEYS}`;

/** A service that publishes from a store of its own, with a real relay. */
export async function openOrders(bus: Bus, runtime: Runtime = systemRuntime) {
  const { store: typed, ...temporary } = await openTemporaryStore({ runtime });
  const store = typed as Store;
  const openRelay = (over: Bus): Relay => {
    const relay = createRelay({ store, bus: over, contract: orders, runtime, log: silentLogger, owner: runtime.ids() });
    relay.start();
    return relay;
  };
  const relay = openRelay(bus);
  return {
    relay,
    /** Another instance's. */
    openRelay,
    cursor: (target: string) => store.transact((tx) => tx.cursors.position(`relay:${target}`)),
    head: () => store.events.head(),
    /** Places these orders in one transaction. */
    place: (numbers: readonly number[], padding?: string) =>
      store.transact(async (tx) => {
        const { unit, flush } = openUnit({ tx, contract: orders, runtime, origin: { correlationId: 'c' } });
        for (const number of numbers) unit.emit('OrderPlaced', { number, padding }, { key: keyOf(number) });
        await flush();
      }),
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

/** So many numbers from one on, or after another. */
export const numbers = (count: number, after = 0): number[] => Array.from({ length: count }, (_, index) => after + index + 1);

/** An order as a relay sends it, under its number. */
export function message(number: number): EventMessage {
  const fields = { id: String(number), type: 'OrderPlaced', schemaVersion: 1, position: number, data: { number }, at: 0 };
  return toMessage(orders, {
    ...fields,
    stream: undefined,
    version: undefined,
    meta: { correlationId: 'c', key: keyOf(number) },
  });
}
