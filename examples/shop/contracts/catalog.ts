import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { Currency, PageRequest, pageOf, Price, Sku } from './vocabulary.ts';

const ProductId = z.string().min(1).max(64);
const Product = z.object({
  id: ProductId,
  sku: Sku,
  name: z.string(),
  description: z.string(),
  price: Price,
  currency: Currency,
});

/** What the shop sells, and for how much. */
export const catalog = contract('catalog', {
  version: '1.0.0',
  team: 'content',
  queries: {
    list: {
      summary: 'Products whose name or description holds all the words of `search`.',
      input: PageRequest.extend({ search: z.string().max(100).default('') }),
      output: pageOf(Product),
      http: 'GET /products',
      access: 'public',
      cache: '30s',
    },
    get: {
      input: z.object({ id: ProductId }),
      output: Product,
      errors: { PRODUCT_NOT_FOUND: { kind: 'not-found', details: z.object({ id: ProductId }) } },
      http: 'GET /products/{id}',
      access: 'public',
      cache: '30s',
    },
    offers: {
      summary: 'Name and price of each of these skus that exists.',
      input: z.object({ skus: z.array(Sku).max(50) }),
      output: z.array(Product.pick({ sku: true, name: true, price: true, currency: true })),
      timeout: '1s',
    },
  },
});
