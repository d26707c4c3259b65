import type { Endpoint } from './endpoint.ts';

/** A newcomer gets at least this share of what it will get, or it would never warm up. */
const FIRST_SHARE = 0.1;

/** The share of its weight that an endpoint gets while it is new: growing evenly to 1. */
export function warmth(endpoint: Endpoint, now: number, slowStartMs: number): number {
  const age = now - endpoint.since;
  return age >= slowStartMs ? 1 : Math.max(FIRST_SHARE, age / slowStartMs);
}
