import { contract } from 'flotilla/contract';
import * as z from 'zod';

const ProductId = z.string().min(1).max(64);
export const Product = z.object({
  id: ProductId,
  sku: z.string().min(1).max(64),
  name: z.string(),
  description: z.string(),
  price: z.int().min(0),
  currency: z.enum(['EUR']),
});

export const Get = z.object({ id: ProductId });

/** One query with a small JSON product as its answer: all that a call costs, and nothing of what a database does. */
export const products = contract('products', {
  version: '1.0.0',
  team: 'bench',
  queries: {
    get: {
      input: Get,
      output: Product,
      errors: { PRODUCT_NOT_FOUND: { kind: 'not-found', details: z.object({ id: ProductId }) } },
    },
  },
});
