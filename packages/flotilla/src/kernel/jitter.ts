import type { Random } from './random.ts';

/** Roughly this long, give or take a fifth: what many processes do at intervals drifts apart instead of striking together. */
export function jittered(random: Random, milliseconds: number): number {
  return Math.round(milliseconds * (0.8 + random.next() * 0.4));
}
