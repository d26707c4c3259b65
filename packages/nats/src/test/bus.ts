import { systemRuntime } from 'flotilla/kernel';
import { type Bus } from 'flotilla/messaging';
import { silentLogger } from 'flotilla/telemetry';
import { natsBus, type NatsBusOptions } from '../index.ts';
import { PLACED } from './orders.ts';

/** The bus of one process of the system `shop`, in which mail waits for orders unless other subscribers are given. */
export function openBus(url: string, options: Partial<NatsBusOptions> = {}): Bus {
  const subscribers = new Map([['mail', [PLACED]]]);
  return natsBus({ url, system: 'shop', subscribers, runtime: systemRuntime, log: silentLogger, ...options });
}
