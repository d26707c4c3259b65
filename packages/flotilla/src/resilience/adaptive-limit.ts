import type { AdaptivePolicy } from './policy.ts';
import { type AdaptiveSettings, adaptiveSettings } from './settings.ts';

/** One call as the limit sees it; times are monotonic milliseconds. */
export interface LimitSample {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Calls running while this one did, itself included. */
  readonly running: number;
  /** It timed out, or the other side said that it has too much to do. */
  readonly overloaded: boolean;
}

const SHRINK = 0.9;
/** A call that takes this many times longer than usual waited somewhere. */
const SLOW = 2;
/** Less than this is the jitter of an event loop, however fast the upstream is. */
const JITTER_MS = 10;
const USUAL_WEIGHT = 0.05;
/** What is slow may be the new usual, but it takes minutes to believe that; otherwise an overload would become the baseline. */
const SLOW_HALF_LIFE_MS = 120_000;

/**
 * Finds how many calls at once an upstream can take: one more after as many successes as the limit (additive increase), a
 * tenth less at each sign of overload (multiplicative decrease).
 */
export class AdaptiveLimit {
  readonly #settings: AdaptiveSettings;
  #limit: number;
  #successes = 0;
  #shrunkAt = -Infinity;
  #baselineMs: number | undefined;
  #sampledAt = 0;

  constructor(policy: AdaptivePolicy) {
    this.#settings = adaptiveSettings(policy);
    this.#limit = this.#settings.start;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** What an unhurried call takes. */
  get baselineMs(): number | undefined {
    return this.#baselineMs;
  }

  record(sample: LimitSample): void {
    // A limit that nobody comes near says nothing about what the upstream can take.
    const used = sample.running >= this.#limit / 2;
    if (sample.overloaded) return this.#shrink(sample);
    const slow = this.#learn(sample);
    if (!used) return;
    if (slow) return this.#shrink(sample);
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#settings.max, this.#limit + 1);
  }

  /** Moves the baseline; true when the call was slow compared with it. */
  #learn({ startedAt, endedAt }: LimitSample): boolean {
    const latencyMs = endedAt - startedAt;
    const baseline = (this.#baselineMs ??= latencyMs);
    const slow = latencyMs > Math.max(SLOW * baseline, baseline + JITTER_MS);
    const weight = slow ? 1 - 0.5 ** (Math.max(0, endedAt - this.#sampledAt) / SLOW_HALF_LIFE_MS) : USUAL_WEIGHT;
    this.#sampledAt = endedAt;
    this.#baselineMs = baseline + weight * (Math.min(latencyMs, 10 * baseline) - baseline);
    return slow;
  }

  /** Calls that were under way together tell of the same overload: only the first of them shrinks the limit. */
  #shrink({ startedAt, endedAt }: LimitSample): void {
    this.#successes = 0;
    if (startedAt < this.#shrunkAt) return;
    this.#shrunkAt = endedAt;
    this.#limit = Math.max(this.#settings.min, this.#limit * SHRINK);
  }
}

export function createAdaptiveLimit(policy: AdaptivePolicy = {}): AdaptiveLimit {
  return new AdaptiveLimit(policy);
}
