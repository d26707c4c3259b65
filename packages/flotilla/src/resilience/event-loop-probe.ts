import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventLoopProbe } from './load-shedder.ts';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** The real event loop of this process, measured by Node until disposed. Open one per process and share it. */
export function openEventLoopProbe(): EventLoopProbe & Disposable {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    readP99Ms() {
      // Node measures from one of its timers to the next, so an idle loop shows the resolution as its delay.
      const delayMs = histogram.count === 0 ? 0 : histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, delayMs);
    },
    [Symbol.dispose]: () => void histogram.disable(),
  };
}
