import type { Generated } from 'kysely';
import * as z from 'zod';
import { attempt } from '../client/index.ts';
import { contract } from '../contract/index.ts';
import { aggregate } from '../log/index.ts';
import { saga } from '../saga/index.ts';
import { database } from '../store/index.ts';
import { service, type TransactionContext } from './index.ts';

// Everything in this file is checked by the compiler only.

const Sku = z.string();
const catalog = contract('catalog', {
  version: '1.0.0',
  team: 'content',
  queries: { product: { input: z.object({ sku: Sku }), output: z.object({ sku: Sku, price: z.int() }) } },
  events: { ProductWithdrawn: { version: 1, schema: z.object({ sku: Sku }) } },
});

const inventory = contract('inventory', {
  version: '1.3.0',
  team: 'warehouse',
  queries: {
    stock: {
      input: z.object({ sku: Sku }),
      output: z.object({ available: z.int() }),
      http: 'GET /stock/{sku}',
      timeout: '500ms',
    },
  },
  commands: {
    reserve: {
      input: z.object({ orderId: z.string(), sku: Sku, quantity: z.int() }),
      output: z.object({ reservationId: z.string() }),
      errors: { OUT_OF_STOCK: z.object({ available: z.int() }) },
      access: 'inventory:write',
    },
    release: { input: z.object({ orderId: z.string() }), output: z.void() },
    audit: { input: z.object({ sku: Sku }), output: z.object({ price: z.int() }), errors: { GONE: z.object({}) } },
  },
  streams: {
    levels: {
      input: z.object({ sku: Sku }),
      item: z.object({ available: z.int() }),
      errors: { CLOSED: z.object({ until: z.int() }) },
    },
  },
  events: { StockReserved: { version: 1, schema: z.object({ sku: Sku, quantity: z.int() }) } },
});

interface Tables {
  stock: { id: Generated<number>; sku: string; available: number };
}
const tables = database<Tables>({ '001 stock': async (db) => void (await db.schema.createTable('stock').execute()) });

type CountEvent = { type: 'Counted'; data: { by: number } } | { type: 'Cleared'; data: null };
const counter = aggregate<number, CountEvent>('counter', {
  initial: 0,
  evolve: (state, event) => (event.type === 'Counted' ? state + event.data.by : 0),
});

export const definition = service(inventory, {
  database: tables,
  calls: { catalog },
  config: z.object({ limit: z.int() }),
  handlers: {
    stock: async ({ sku }, { db }) => {
      const row = await db.selectFrom('stock').select('available').where('sku', '=', sku).executeTakeFirst();
      return { available: row?.available ?? 0 };
    },
    reserve: async (order, { db, emit, fail, change, config, newId }) => {
      if (order.quantity > config.limit) return fail('OUT_OF_STOCK', { available: 0 });
      await db.updateTable('stock').set({ available: 1 }).where('sku', '=', order.sku).execute();
      emit('StockReserved', { sku: order.sku, quantity: order.quantity });
      // @ts-expect-error the contract declares no such event
      emit('StockLost', { sku: order.sku });
      // @ts-expect-error the contract declares no such error
      fail('NO_SUCH_ERROR', {});
      await change(counter, order.sku, (state) => (state > 3 ? [] : [{ type: 'Counted', data: { by: order.quantity } }]));
      return { reservationId: newId() };
    },
    release: async () => undefined,
    levels: async function* ({ sku }, { follow, fail, calls }) {
      const { price } = await calls.catalog.product({ sku });
      if (price < 0) fail('CLOSED', { until: price });
      for await (const { state } of follow(counter, sku)) yield { available: state };
    },
    audit: {
      prepare: async ({ sku }, { calls }) => {
        const product = await calls.catalog.product({ sku });
        return ({ emit, fail }) => {
          if (product.price < 0) return fail('GONE', {});
          emit('StockReserved', { sku, quantity: 1 });
          return { price: product.price };
        };
      },
    },
  },
})
  .on(catalog.events.ProductWithdrawn, async (event, { db, emit }) => {
    await db.deleteFrom('stock').where('sku', '=', event.data.sku).execute();
    emit('StockReserved', { sku: event.data.sku, quantity: 0 });
  })
  .leader('count', async ({ db, calls, transact, config, fence, pause }) => {
    const rows = await db.selectFrom('stock').select('sku').limit(config.limit).execute();
    const product = await calls.catalog.product({ sku: rows[0]?.sku ?? '' });
    const written: number = await transact(async (tx) => {
      await tx.db.updateTable('stock').set({ available: product.price }).execute();
      tx.emit('StockReserved', { sku: product.sku, quantity: fence });
      // @ts-expect-error the contract declares no such event
      tx.emit('StockLost', { sku: product.sku });
      return 1;
    });
    await pause(written === 1 ? '1m' : 500);
    // @ts-expect-error the service has no such table
    await db.selectFrom('shelf').selectAll().execute();
  });

service(inventory, {
  // @ts-expect-error the handler of `release` is missing
  handlers: {
    stock: () => ({ available: 1 }),
    reserve: () => ({ reservationId: '' }),
    audit: () => ({ price: 1 }),
    levels: opened,
  },
});

export const placeOrder = saga('place-order', {
  input: z.object({ orderId: z.string(), sku: Sku }),
  key: (order) => order.orderId,
  calls: { inventory, catalog },
  contract: inventory,
  database: tables,
})
  .step('reserve-inventory', {
    run: ({ input, calls }) => calls.inventory.reserve({ ...input, quantity: 1 }),
    compensate: ({ input, calls }) => calls.inventory.release({ orderId: input.orderId }),
  })
  .step('look-up', {
    run: async ({ calls, input, results }) => {
      const id: string = results['reserve-inventory'].reservationId;
      const product = await calls.catalog.product(input);
      return { price: product.price, id };
    },
    commit: (output, { emit, db }) => {
      const price: number = output.price;
      emit('StockReserved', { sku: 'x', quantity: price });
      return db.deleteFrom('stock').execute();
    },
    pivot: true,
  })
  .done(async ({ change }, { results }) => change(counter, results['look-up'].id, () => [{ type: 'Cleared', data: null }]))
  .compensated(({ emit }, { reason, input }) => emit('StockReserved', { sku: input.sku, quantity: reason.code.length }));

/** A stream may also be accepted first and told later. */
async function opened(): Promise<AsyncIterable<{ available: number }>> {
  return (async function* () {
    yield { available: 1 };
  })();
}

export async function readers(calls: { inventory: import('../client/index.ts').Client<typeof inventory> }): Promise<number> {
  for await (const { available } of calls.inventory.levels({ sku: 'a' }, { timeout: '1m' })) return available;
  // @ts-expect-error an item knows no price
  for await (const { price } of calls.inventory.levels({ sku: 'a' })) return price as number;
  return 0;
}

export async function callers(calls: { inventory: import('../client/index.ts').Client<typeof inventory> }): Promise<number> {
  const result = await attempt(calls.inventory.reserve({ orderId: '1', sku: 'a', quantity: 1 }));
  if (result.ok) return result.value.reservationId.length;
  // @ts-expect-error the operation declares no such error
  if (result.error.code === 'OTHER') return 0;
  return result.error.code === 'OUT_OF_STOCK' ? result.error.details.available : 0;
}

// What a handler tells a saga fits what the saga waits for.
const approving = saga('approving', { input: z.object({ id: z.string() }), key: ({ id }) => id }).waitFor('approval', {
  schema: z.object({ by: z.string() }),
});
declare const telling: TransactionContext<unknown, Record<never, never>, undefined>;
void telling.tell(approving, { key: 'o-1', name: 'approval', data: { by: 'ada' } });
// @ts-expect-error -- a name where a number stands
void telling.tell(approving, { key: 'o-1', name: 'approval', data: { by: 7 } });
// @ts-expect-error -- a saga can be told only what it waits for
void telling.tell(approving, { key: 'o-1', name: 'refusal', data: {} });
