import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventLoopProbe } from './load-shedder.ts';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** The real event loop of this process, measured by Node until disposed. Open one per process and share it. */
export function openEventLoopProbe(): EventLoopProbe & Disposable {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let lastMs = 0;
  return {
    readP99Ms() {
      // After a reset Node needs two turns of a late loop to measure one delay: until then the last one stands.
      if (histogram.count > 0) {
        // It measures from one of its own timers to the next, so a loop in time shows the resolution as its delay.
        lastMs = Math.max(0, histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS);
        histogram.reset();
      }
      return lastMs;
    },
    [Symbol.dispose]: () => void histogram.disable(),
  };
}
