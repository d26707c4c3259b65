import { contract } from 'flotilla/contract';
import { service } from 'flotilla/service';
import * as z from 'zod';
import { drive } from '../load.ts';
import { products } from '../product/contract.ts';
import { lookUp } from '../product/client.ts';

/** Asks for products as hard as it is told, as one service asks another. */
export const asker = contract('asker', {
  version: '1.0.0',
  team: 'bench',
  queries: {
    ask: {
      input: z.object({ inFlight: z.int().min(1), durationMs: z.number().positive() }),
      output: z.record(z.string(), z.number()),
      timeout: '2m',
    },
  },
});

export const askerService = service(asker, {
  calls: { products },
  handlers: { ask: (order, { calls }) => drive({ ...order, call: () => lookUp(calls.products) }) },
});
