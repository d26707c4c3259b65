import { service } from 'flotilla/service';
import { products } from './contract.ts';
import { shelf } from './tea.ts';

export const productService = service(products, {
  handlers: {
    get: ({ id }, { fail }) => shelf.get(id) ?? fail('PRODUCT_NOT_FOUND', { id }),
  },
});
