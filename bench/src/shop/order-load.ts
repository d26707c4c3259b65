import type { HttpPools } from 'flotilla/transport';
import type { Figures } from '../case.ts';
import type { FlotillaProcess } from '../flotilla-process.ts';
import { drive } from '../load.ts';
import { cpuMsOf, ownCpuMs } from '../process-usage.ts';
import { percentile } from '../stats.ts';
import { type Bought, Customer } from './customer.ts';

const CUSTOMERS = 64;
const ACCOUNTS = 8;

/** As many customers as buy at once. They share a few accounts, because making one is slow on purpose. */
export async function customersOf({ ready }: FlotillaProcess, pools: HttpPools): Promise<Customer[]> {
  const accounts: Customer[] = [];
  while (accounts.length < ACCOUNTS) accounts.push(await Customer.signedIn(pools, ready.gatewayUrl!));
  return Array.from({ length: CUSTOMERS }, (_, index) => accounts[index % ACCOUNTS]!);
}

/** Lets all customers buy for a while, each one order after the other. Its percentiles are those of the time to `confirmed`. */
export async function orderLoad(
  shop: FlotillaProcess,
  customers: readonly Customer[],
  durationMs: number,
): Promise<{ orders: number; figures: Figures }> {
  const bought: Bought[] = [];
  const load = await drive({
    inFlight: customers.length,
    durationMs,
    call: async (lane) => bought.push(await customers[lane]!.buy()),
    cpuMs: { shopCpuUs: () => cpuMsOf(shop.ready.pid), customersCpuUs: ownCpuMs },
  });
  const times = (of: 'acceptedMs' | 'confirmedMs', fraction: number): number =>
    percentile(
      bought.map((order) => order[of]),
      fraction,
    );
  const figures = {
    perSecond: load.perSecond!,
    p50Ms: times('confirmedMs', 0.5),
    p99Ms: times('confirmedMs', 0.99),
    acceptedP50Ms: times('acceptedMs', 0.5),
    acceptedP99Ms: times('acceptedMs', 0.99),
    shopCpuUs: load.shopCpuUs!,
    customersCpuUs: load.customersCpuUs!,
    looks: bought.reduce((sum, { looks }) => sum + looks, 0) / bought.length,
  };
  return { orders: bought.length, figures };
}
