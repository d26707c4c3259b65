import shop from '@flotilla/example-shop';
import { system as defineSystem } from 'flotilla/system';
import { productService } from '../product/service.ts';

const SHOP = '../../../examples/shop';

/** The shop with one more service than it has. */
export const system = defineSystem('eight', {
  services: [...shop.services, productService],
  gateway: `${SHOP}/gateway.yaml`,
  config: `${SHOP}/config`,
});
