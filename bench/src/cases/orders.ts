import { createHttpPools } from 'flotilla/transport';
import { defineCase } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { customersOf, orderLoad } from '../shop/order-load.ts';
import { startShop } from '../shop/shop.ts';

/** Orders through the public address of the real shop: gateway, four services, a saga of four steps, read model and mails. */
export const orders = defineCase({
  name: 'orders',
  title: 'orders over HTTP through the gateway of the shop (one process), 64 customers, each order followed until confirmed',
  durationMs: 4_000,
  async open(_, { durationMs }) {
    await using scope = new AsyncDisposableStack();
    const folder = scope.use(await temporaryFolder());
    const shop = scope.use(await startShop(folder.path));
    const customers = await customersOf(shop, scope.use(createHttpPools()));
    const opened = scope.move();
    return {
      round: async () => ({ own: (await orderLoad(shop, customers, durationMs)).figures }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
