import type { Clock } from '../kernel/index.ts';
import { createLoadShedder, openEventLoopProbe } from '../resilience/index.ts';
import type { ProcessLoad } from '../service/index.ts';

/** Watches how late the event loop of this process is, for all services in it. */
export function openProcessLoad(clock: Clock): ProcessLoad & Disposable {
  const probe = openEventLoopProbe();
  let lastMs = 0;
  // The shedder reads often enough while there are calls; a reading starts the measurement anew, so nobody else may.
  const shedder = createLoadShedder({ clock, probe: { readP99Ms: () => (lastMs = probe.readP99Ms()) } });
  return { shedder, eventLoopDelayMs: () => lastMs, [Symbol.dispose]: () => probe[Symbol.dispose]() };
}
