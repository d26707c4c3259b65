import type { Figures } from './case.ts';
import { percentile } from './stats.ts';

export interface Load {
  /** Calls running at any time. */
  inFlight: number;
  durationMs: number;
  /** The name of what is counted: `calls/s`. */
  per: string;
  call(): Promise<unknown>;
}

/** Keeps a fixed number of calls running for a while. A call that fails ends the run: a figure with errors in it is no figure. */
export async function drive(load: Load): Promise<Figures> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + load.durationMs;
  const lane = async (): Promise<void> => {
    for (let before = performance.now(); before < end;) {
      await load.call();
      const after = performance.now();
      latencies.push(after - before);
      before = after;
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, lane));
  const seconds = (performance.now() - start) / 1_000;
  return {
    [load.per]: latencies.length / seconds,
    'p50 ms': percentile(latencies, 0.5),
    'p99 ms': percentile(latencies, 0.99),
  };
}
