import type { ServiceSchema } from 'moleculer';
import { Product } from '../src/product/contract.ts';
import { shelf } from '../src/product/tea.ts';

/** The products as a service of Moleculer, with its own validation of what is asked. */
export const products: ServiceSchema = {
  name: 'products',
  actions: {
    get: {
      params: { id: { type: 'string', min: 1, max: 64 } },
      handler: ({ params }: { params: { id: string } }) => Product.parse(shelf.get(params.id)),
    },
  },
};
