import type { Clock } from '../kernel/index.ts';
import { type Cache, createCache } from '../resilience/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import { ageOf, byteLengthOf, varyNames } from './cache-policy.ts';
import type { Headers } from './hop-headers.ts';

/** One kept answer, and the values of the request headers that it depends on. */
export interface Variant {
  readonly response: HttpResponse;
  readonly varies: readonly (readonly [name: string, value: string | undefined])[];
  readonly storedAt: number;
  readonly until: number;
}

const MAX_ANSWERS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_VARIANTS = 16;
const OVERHEAD_BYTES = 1_024;

/** Kept answers, several under one key where they vary with request headers. Bounded in number and in bytes. */
export class ResponseStore {
  readonly #clock: Clock;
  readonly #cache: Cache<readonly Variant[]>;

  constructor(clock: Clock) {
    this.#clock = clock;
    const weigh = (variants: readonly Variant[]): number =>
      variants.reduce((bytes, { response }) => bytes + byteLengthOf(response.body) + OVERHEAD_BYTES, 0);
    this.#cache = createCache({ clock, ttl: 0, maxEntries: MAX_ANSWERS, maxWeight: MAX_BYTES, weigh });
  }

  find(key: string, request: Headers): Variant | undefined {
    return this.#living(key).find((variant) => answers(variant, request));
  }

  /** Keeps an answer to a request with these headers. */
  keep(key: string, request: Headers, answer: { response: HttpResponse; ttlMs: number }): Variant {
    const storedAt = this.#clock.monotonic();
    const varies = varyNames(answer.response.headers).map((name) => [name, request[name]] as const);
    const variant = { response: answer.response, varies, storedAt, until: storedAt + answer.ttlMs };
    const others = this.#living(key).filter((other) => !answers(other, request));
    const variants = [variant, ...others].slice(0, MAX_VARIANTS);
    this.#cache.set(key, variants, Math.max(...variants.map(({ until }) => until)) - storedAt);
    return variant;
  }

  /** The values of all request headers that answers under this key are known to depend on. */
  distinction(key: string, request: Headers): string {
    const names = new Set(this.#living(key).flatMap(({ varies }) => varies.map(([name]) => name)));
    return JSON.stringify([...names].toSorted().map((name) => [name, request[name] ?? null]));
  }

  /** Seconds since the answer was made, and milliseconds until it goes. */
  timesOf({ response, storedAt, until }: Variant): { ageSeconds: number; ttlMs: number } {
    const now = this.#clock.monotonic();
    return { ageSeconds: ageOf(response.headers) + Math.floor((now - storedAt) / 1000), ttlMs: until - now };
  }

  #living(key: string): readonly Variant[] {
    const now = this.#clock.monotonic();
    return (this.#cache.get(key) ?? []).filter(({ until }) => now < until);
  }
}

/** True when the answer is right for a request with these headers. */
export function answers({ varies }: Pick<Variant, 'varies'>, request: Headers): boolean {
  return varies.every(([name, value]) => request[name] === value);
}
