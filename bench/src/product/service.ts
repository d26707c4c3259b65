import { service } from 'flotilla/service';
import { products } from './contract.ts';

const tea = {
  id: 'sencha-green-tea',
  sku: 'TEA-SENCHA-100',
  name: 'Sencha green tea',
  description: 'Steamed Japanese leaves, 100 g',
  price: 990,
  currency: 'EUR' as const,
};
const shelf = new Map([[tea.id, tea]]);

export const productService = service(products, {
  handlers: {
    get: ({ id }, { fail }) => shelf.get(id) ?? fail('PRODUCT_NOT_FOUND', { id }),
  },
});
