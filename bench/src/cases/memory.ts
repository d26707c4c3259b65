import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpPools } from 'flotilla/transport';
import { defineCase, nothingToClose } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { usageOf } from '../process-usage.ts';
import { customersOf, orderLoad } from '../shop/order-load.ts';
import { startShop } from '../shop/shop.ts';

const IDLE_MS = 1_500;

/** What the process of the whole shop keeps in memory: seven services and the gateway. */
export const memory = defineCase({
  name: 'memory',
  title: 'resident memory of the shop (one process): idle after its start, at the peak and after five seconds of orders',
  durationMs: 5_000,
  open: async (_, { durationMs }) => ({
    async round() {
      await using folder = await temporaryFolder();
      await using shop = await startShop(folder.path);
      await sleep(IDLE_MS);
      const idle = await usageOf(shop.ready.pid);
      await using pools = createHttpPools();
      const { orders } = await orderLoad(shop, await customersOf(shop, pools), durationMs);
      await sleep(IDLE_MS);
      const after = await usageOf(shop.ready.pid);
      return { own: { idleMiB: idle.rssMiB, peakMiB: after.peakRssMiB, afterOrdersMiB: after.rssMiB, orders } };
    },
    ...nothingToClose,
  }),
});
