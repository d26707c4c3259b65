import { setTimeout } from 'node:timers/promises';

/** To ask costs those who are asked: they may have better to do, such as to start. */
const PAUSE_MS = 50;
/** Long: a machine that is busy with other tests may stand still for seconds. */
const PATIENCE_MS = 60_000;

/**
 * Asks again and again until the answer is something true, and returns it. A connection that is refused means not yet; any
 * other failure is one.
 */
export async function until<TAnswer>(
  what: string,
  ask: () => Promise<TAnswer> | TAnswer,
  patienceMs: number = PATIENCE_MS,
): Promise<NonNullable<TAnswer>> {
  const end = performance.now() + patienceMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      last = await ask();
      if (last) return last as NonNullable<TAnswer>; // It is true, so it is there.
    } catch (error) {
      // `fetch` fails with a TypeError when the other side is not there (any more).
      if (!(error instanceof TypeError)) throw error;
      last = error.cause;
    }
    await setTimeout(PAUSE_MS);
  }
  throw new Error(`Waited ${patienceMs} ms in vain until ${what}.`, { cause: last });
}
