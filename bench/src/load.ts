import type { Figures } from './case.ts';
import { percentile } from './stats.ts';

/** Milliseconds of processor time so far. */
export type CpuMeter = () => Promise<number>;

/** How much is asked of whoever is measured. */
export interface Order {
  /** Calls running at any time. */
  readonly inFlight: number;
  readonly durationMs: number;
}

export interface Load extends Order {
  /** Is told which of the lanes it belongs to, from 0: two calls of one lane never run at once. */
  call(lane: number): Promise<unknown>;
  /**
   * Processor time spent so far, by the name of the figure: `clientCpuUs`, microseconds for each call. Unlike a rate, it hardly
   * changes when something else wants the processors.
   */
  readonly cpuMs?: Readonly<Record<string, CpuMeter>>;
}

/** Keeps a fixed number of calls running for a while. A call that fails ends the run: a figure with errors in it is no figure. */
export async function drive({ inFlight, durationMs, call, cpuMs = {} }: Load): Promise<Figures> {
  const latencies: number[] = [];
  const cpuBefore = await readAll(cpuMs);
  const start = performance.now();
  const end = start + durationMs;
  const runLane = async (lane: number): Promise<void> => {
    for (let before = performance.now(); before < end;) {
      await call(lane);
      const after = performance.now();
      latencies.push(after - before);
      before = after;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => runLane(lane)));
  const seconds = (performance.now() - start) / 1_000;
  const cpuAfter = await readAll(cpuMs);
  const cpu = cpuAfter.map(([figure, ms], index) => [figure, ((ms - cpuBefore[index]![1]) * 1_000) / latencies.length]);
  return {
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    ...(Object.fromEntries(cpu) as Figures),
  };
}

async function readAll(meters: Readonly<Record<string, CpuMeter>>): Promise<[figure: string, ms: number][]> {
  return await Promise.all(
    Object.entries(meters).map(async ([figure, read]): Promise<[string, number]> => [figure, await read()]),
  );
}
