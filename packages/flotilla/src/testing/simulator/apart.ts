import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FlotillaError, systemRuntime } from '../../kernel/index.ts';
import { parseSeeds } from './replay.ts';

export interface ApartOptions {
  /** A module that awaits `simulate`. */
  readonly script: URL;
  /** How many runs, from seed 1. `SIMULATION_SEEDS` and `SEED` override it, as they do for `simulate`. */
  readonly seeds: number;
  /** Processes that share the runs; 2 unless said. */
  readonly processes?: number;
}

/** Runs leave much behind that dies at once. With more room it is collected in one go, and by the processor that made it. */
const FLAGS = ['--max-semi-space-size=64', '--single-threaded-gc'];

/**
 * Shares thousands of runs among processes of their own. Besides using more than one processor this leaves the test runner out, which
 * follows each promise and so doubles the time of a run. Rejects with `SIMULATION_FAILED` and what the first that failed has said.
 */
export async function simulateApart({ script, seeds, processes = 2 }: ApartOptions): Promise<void> {
  const { env } = systemRuntime;
  const controller = new AbortController();
  const run = promisify(execFile);
  const simulation = (share: string): Promise<unknown> => {
    const file = fileURLToPath(script);
    const options = { env: { ...env, SIMULATION_SEEDS: share }, signal: controller.signal, maxBuffer: Infinity };
    return run(process.execPath, [...FLAGS, file], options);
  };
  const shares = env.SEED ? ['1'] : sharesOf(parseSeeds(env.SIMULATION_SEEDS ?? String(seeds)), processes);
  try {
    await Promise.all(shares.map(simulation));
  } catch (thrown) {
    // One failure is told; the others' time is spared.
    controller.abort();
    const { stderr = String(thrown) } = thrown as { stderr?: string };
    throw new FlotillaError('SIMULATION_FAILED', { kind: 'internal', message: stderr, cause: thrown });
  }
}

/** Each process has seeds of its own, one after the other. */
function sharesOf({ first, last }: ReturnType<typeof parseSeeds>, processes: number): string[] {
  const size = Math.ceil((last - first + 1) / processes);
  return Array.from({ length: Math.ceil((last - first + 1) / size) }, (_, index) => {
    const from = first + index * size;
    return `${from}-${Math.min(last, from + size - 1)}`;
  });
}
