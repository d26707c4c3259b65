import { type Clock, createLruMap } from '../kernel/index.ts';
import { parseRate, type Rate } from './rate.ts';

export interface RateLimiterOptions {
  /** `'1000/hour'`, or the numbers themselves. */
  rate: string | Rate;
  clock: Clock;
  /** How many keys are remembered at once; 100 000 unless said. The key unused for longest is forgotten first. */
  maxKeys?: number;
}

export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  /** How many more would be allowed right now. */
  readonly remaining: number;
  /** When allowed, until the present window ends; when refused, until the next one would be allowed. */
  readonly resetMs: number;
}

export interface RateLimiter {
  readonly rate: Rate;
  /** Counts one use by `key` if it is allowed. What is refused is not counted, so whoever keeps trying still gets its share. */
  take(key: string): RateDecision;
}

interface Counter {
  window: number;
  count: number;
  previous: number;
}

/**
 * Sliding-window counter: the present window's count plus the previous one's, weighted by how much of it the last
 * `windowMs` still covers. Constant time and memory for each key, and no double burst where two windows meet.
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, maxKeys = 100_000 } = options;
  const rate = typeof options.rate === 'string' ? parseRate(options.rate) : options.rate;
  const counters = createLruMap<string, Counter>({ maxEntries: maxKeys });

  return {
    rate,
    take(key) {
      const now = clock.monotonic();
      const window = Math.floor(now / rate.windowMs);
      const elapsed = now - window * rate.windowMs;
      let counter = counters.get(key);
      if (!counter) counters.set(key, (counter = { window, count: 0, previous: 0 }));
      roll(counter, window);
      const free = freeAt(counter, elapsed, rate);
      const allowed = free >= 1;
      if (allowed) counter.count += 1;
      const resetMs = allowed ? rate.windowMs - elapsed : waitFor(counter, elapsed, rate);
      return { allowed, limit: rate.limit, remaining: allowed ? Math.floor(free) - 1 : 0, resetMs };
    },
  };
}

function roll(counter: Counter, window: number): void {
  if (counter.window === window) return;
  counter.previous = counter.window === window - 1 ? counter.count : 0;
  counter.count = 0;
  counter.window = window;
}

// The weight of the previous window is a fraction: without this a caller who waited exactly as told could be refused.
const ROUNDING = 1e-6;

function freeAt({ count, previous }: Counter, elapsed: number, { limit, windowMs }: Rate): number {
  return limit - count - previous * (1 - elapsed / windowMs) + ROUNDING;
}

/** Milliseconds until one more is allowed if nothing else happens. */
function waitFor({ count, previous }: Counter, elapsed: number, { limit, windowMs }: Rate): number {
  const room = limit - 1 - count;
  // Either the previous window fades enough before this one ends, or this one has to fade in its turn.
  if (room >= 0) return windowMs * (1 - room / previous) - elapsed;
  return windowMs - elapsed + windowMs * (1 - (limit - 1) / count);
}
