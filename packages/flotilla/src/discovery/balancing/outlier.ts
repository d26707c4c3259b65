import type { Random } from '../../kernel/index.ts';
import type { Endpoint } from './endpoint.ts';

export interface OutlierOptions {
  /** Failures in a row after which an endpoint is left alone; 5 unless said, 0 never ejects. */
  readonly consecutiveFailures?: number | undefined;
  /** How long the first time; the second time twice as long, and so on. 30 s unless said. */
  readonly baseEjectionMs?: number | undefined;
  readonly maxEjectionMs?: number | undefined;
  /** At most this share is out at any time, counted with the one that would go now; half unless said. */
  readonly maxEjectedShare?: number | undefined;
}

const JITTER_SHARE = 0.1;

/** Leaves endpoints alone that fail again and again, for a while that grows with each time and is forgiven with good conduct. */
export class Outliers {
  readonly #consecutive: number;
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #maxShare: number;
  readonly #random: Random;

  constructor(options: OutlierOptions, random: Random) {
    this.#consecutive = options.consecutiveFailures ?? 5;
    this.#baseMs = options.baseEjectionMs ?? 30_000;
    this.#maxMs = options.maxEjectionMs ?? 300_000;
    this.#maxShare = options.maxEjectedShare ?? 0.5;
    this.#random = random;
  }

  succeeded(endpoint: Endpoint): void {
    endpoint.failures = 0;
  }

  /** True when the endpoint was ejected for it. */
  failed(endpoint: Endpoint, all: readonly Endpoint[], now: number): boolean {
    endpoint.failures += 1;
    if (this.#consecutive === 0 || endpoint.failures < this.#consecutive || endpoint.ejectedUntil > now) return false;
    // Counted after the ejection, so a single endpoint is never ejected, and of two only one.
    const ejected = all.reduce((count, { ejectedUntil }) => count + Number(ejectedUntil > now), 1);
    if (ejected > Math.floor(this.#maxShare * all.length)) return false;
    const quietMs = Math.max(0, now - endpoint.ejectedUntil);
    endpoint.ejections = Math.max(0, endpoint.ejections - Math.floor(quietMs / this.#baseMs)) + 1;
    const lengthMs = Math.min(this.#maxMs, this.#baseMs * endpoint.ejections);
    endpoint.ejectedUntil = now + lengthMs * (1 + this.#random.next() * JITTER_SHARE);
    endpoint.failures = 0;
    return true;
  }
}
