import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { Line, Lines, OrderId, Sku } from './vocabulary.ts';

const Shortage = z.object({ sku: Sku, wanted: z.int(), available: z.int() });
const UNKNOWN_SKU = { kind: 'not-found', details: z.object({ sku: Sku }) } as const;

/** What lies in the warehouse, and for which order. */
export const inventory = contract('inventory', {
  version: '1.0.0',
  team: 'warehouse',
  queries: {
    stock: {
      input: z.object({ sku: Sku }),
      output: z.object({ sku: Sku, available: z.int(), reserved: z.int() }),
      errors: { UNKNOWN_SKU },
      http: 'GET /stock/{sku}',
      access: 'public',
      timeout: '500ms',
    },
    lastStockTake: {
      summary: 'What lay in the warehouse when the shelves were last counted.',
      input: z.object({}),
      output: z
        .object({ takenAt: z.iso.datetime(), skus: z.int(), onHand: z.int(), reserved: z.int(), soldOut: z.int() })
        .nullable(),
    },
  },
  commands: {
    reserve: {
      summary: 'Sets goods aside for an order: all its lines or none. Repeating it changes nothing.',
      input: z.object({ orderId: OrderId, lines: Lines }),
      output: z.void(),
      errors: {
        OUT_OF_STOCK: z.object({ shortages: z.array(Shortage) }),
        /** The order was given up before this arrived. */
        ORDER_RELEASED: z.object({ orderId: OrderId }),
      },
    },
    release: {
      summary: 'Gives back what an order set aside, if anything, and lets it set aside nothing any more.',
      input: z.object({ orderId: OrderId }),
      output: z.void(),
      errors: { ALREADY_SOLD: z.object({ orderId: OrderId }) },
    },
    receive: {
      summary: 'A delivery has arrived.',
      input: Line,
      output: z.object({ available: z.int() }),
      errors: { UNKNOWN_SKU },
      http: 'POST /deliveries',
      access: 'stock:write',
    },
    takeBack: {
      summary: 'A parcel has come back. It may come before the news that it will.',
      input: z.object({ orderId: OrderId }),
      output: z.void(),
      http: 'POST /returns',
      access: 'stock:write',
    },
  },
  events: {
    /** What an order had taken lies in the warehouse again. */
    GoodsReturned: { version: 1, schema: z.object({ orderId: OrderId }) },
  },
});
