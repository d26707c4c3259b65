import type { Random } from '../kernel/index.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait after so many failures in a row: growing to 30 s and never the same twice, so that a crowd spreads out. */
export function backoffMs(random: Random, failures: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return FIRST_MS + Math.floor(random.next() * (ceiling - FIRST_MS));
}
