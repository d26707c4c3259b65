import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpPools } from 'flotilla/transport';
import type { BenchCase } from '../case.ts';
import { temporaryFolder } from '../folder.ts';
import { usageOf } from '../process-usage.ts';
import { customersOf, orderLoad } from '../shop/order-load.ts';
import { startShop } from '../shop/shop.ts';

const IDLE_MS = 1_500;

/** What the process of the whole shop keeps in memory: seven services and the gateway. */
export const memory: BenchCase = {
  name: 'memory',
  title: 'resident memory of the shop (one process): idle after its start, at the peak and after five seconds of orders',
  open: async () => ({
    async round() {
      await using folder = await temporaryFolder();
      await using shop = await startShop(folder.path);
      await sleep(IDLE_MS);
      const idle = await usageOf(shop.ready.pid);
      await using pools = createHttpPools();
      const { orders } = await orderLoad(shop, await customersOf(shop, pools), 5_000);
      await sleep(IDLE_MS);
      const after = await usageOf(shop.ready.pid);
      return { 'MiB idle': idle.rssMiB, 'MiB peak': after.peakRssMiB, 'MiB after orders': after.rssMiB, orders };
    },
    [Symbol.asyncDispose]: async () => undefined,
  }),
};
