import type { Random } from 'flotilla/kernel';
import type { Ending } from './part-process.ts';

/** How a process lived. */
export interface Life {
  readonly wasUp: boolean;
  readonly livedMs: number;
  readonly ending: Ending;
}

/** Decides when a process that ended is started again. */
export interface Patience {
  /** How long to wait; undefined when another try has no prospect. */
  after(life: Life): number | undefined;
  /** Forgets all ends: what follows is a new attempt. */
  reset(): void;
}

const SHORTEST_MS = 100;
const LONGEST_MS = 10_000;
/** Whoever was up for so long was sound, and its end is a new story. */
const SETTLED_MS = 10_000;
const HOPELESS_TRIES = 3;

/** Waits longer each time, at random, so that what fell together does not rise together. */
export function createPatience(random: Pick<Random, 'next'>): Patience {
  let tries = 0;
  let refusals = 0;
  const reset = (): void => {
    tries = 0;
    refusals = 0;
  };
  return {
    reset,
    after: (life) => {
      if (life.wasUp && life.livedMs >= SETTLED_MS) reset();
      refusals = isRefusal(life) ? refusals + 1 : 0;
      if (refusals >= HOPELESS_TRIES) return undefined;
      const longest = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (tries + 1));
      tries += 1;
      return SHORTEST_MS + random.next() * (longest - SHORTEST_MS);
    },
  };
}

/** It said itself, at once and clearly, that it can't start. */
function isRefusal({ wasUp, livedMs, ending }: Life): boolean {
  return !wasUp && livedMs < SETTLED_MS && (ending.code === 1 || ending.code === 2) && ending.error !== undefined;
}
