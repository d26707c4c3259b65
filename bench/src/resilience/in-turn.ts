import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Summary, summarise } from '../stats.ts';

/** Something that does one piece of work, by the name in the figures. */
export type Contenders = Readonly<Record<string, () => Promise<unknown>>>;

const SLICES = 40;
const CALLS = 5_000;

/**
 * Nanoseconds for each call, one after another. The contenders take turns in short slices, so that what else runs on the machine
 * meets all of them alike.
 */
export async function nsEach(contenders: Contenders): Promise<Record<string, Summary>> {
  const taken = Object.keys(contenders).map((): number[] => []);
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const [index, run] of Object.values(contenders).entries()) {
      // Timers get their turn between the slices, as they do in a server.
      await nextTurn();
      taken[index]!.push(await nsOf(run));
    }
  }
  return Object.fromEntries(Object.keys(contenders).map((name, index) => [name, summarise(taken[index]!)]));
}

async function nsOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let call = 0; call < CALLS; call += 1) await run();
  return ((performance.now() - start) * 1e6) / CALLS;
}
