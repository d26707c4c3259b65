import { system } from 'flotilla/system';
import { catalogService } from './services/catalog/service.ts';
import { inventoryService } from './services/inventory/service.ts';
import { notificationsService } from './services/notifications/service.ts';
import { ordersService } from './services/orders/service.ts';
import { paymentsService } from './services/payments/service.ts';
import { shippingService } from './services/shipping/service.ts';
import { usersService } from './services/users/service.ts';

/** The whole shop. */
export default system('shop', {
  services: [
    usersService,
    catalogService,
    inventoryService,
    ordersService,
    paymentsService,
    shippingService,
    notificationsService,
  ],
  gateway: './gateway.yaml',
  config: './config',
});

/** The first things to try, printed when the shop is up. */
export function hint({ gateway }: { gateway: string }): string {
  const json = `-H 'content-type: application/json'`;
  const password = 'correct horse battery staple';
  return `
# register, sign in, look around
curl -s ${gateway}/api/users ${json} -d '{"email":"ada@example.com","name":"Ada","password":"${password}"}'
TOKEN=$(curl -s ${gateway}/api/sessions ${json} -d '{"email":"ada@example.com","password":"${password}"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -s '${gateway}/api/products?search=tea&limit=3'

# place an order and see what became of it
ORDER=$(curl -s ${gateway}/api/orders -H "authorization: Bearer $TOKEN" ${json} -d '{"lines":[{"sku":"TEA-DARJ-100","quantity":2}],"paymentToken":"tok_visa","shipTo":{"name":"Ada","street":"Quay 1","city":"Hamburg","country":"DE"}}' | sed 's/.*"orderId":"\\([^"]*\\)".*/\\1/')
curl -s ${gateway}/api/orders/$ORDER -H "authorization: Bearer $TOKEN"
`.trim();
}
