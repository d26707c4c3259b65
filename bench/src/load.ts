import type { Figures } from './case.ts';
import { percentile } from './stats.ts';

/** Milliseconds of processor time so far. */
export type CpuMeter = () => Promise<number>;

export interface Load {
  /** Calls running at any time. */
  inFlight: number;
  durationMs: number;
  /** The name of what is counted: `calls/s`. */
  per: string;
  /** Is told which of the lanes it belongs to, from 0: two calls of one lane never run at once. */
  call(lane: number): Promise<unknown>;
  /** Processor time spent so far, by who spent it. Unlike a rate, it hardly changes when something else wants the processors. */
  cpuMs?: Readonly<Record<string, CpuMeter>>;
}

/** Keeps a fixed number of calls running for a while. A call that fails ends the run: a figure with errors in it is no figure. */
export async function drive({ inFlight, durationMs, per, call, cpuMs = {} }: Load): Promise<Figures> {
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
  const cpu = cpuAfter.map(([who, ms], index) => [`${who} µs each`, ((ms - cpuBefore[index]![1]) * 1_000) / latencies.length]);
  return {
    [per]: latencies.length / seconds,
    'p50 ms': percentile(latencies, 0.5),
    'p99 ms': percentile(latencies, 0.99),
    ...(Object.fromEntries(cpu) as Figures),
  };
}

async function readAll(meters: Readonly<Record<string, CpuMeter>>): Promise<[who: string, ms: number][]> {
  return await Promise.all(Object.entries(meters).map(async ([who, read]): Promise<[string, number]> => [who, await read()]));
}

/** The same load with different numbers in flight, one after another. */
export async function driveEach(numbers: readonly number[], load: Omit<Load, 'inFlight'>): Promise<Figures> {
  const all: Record<string, number> = {};
  for (const inFlight of numbers) {
    for (const [name, value] of Object.entries(await drive({ ...load, inFlight }))) all[`${name}, ${inFlight} in flight`] = value;
  }
  return all;
}
