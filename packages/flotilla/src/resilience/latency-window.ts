const WINDOW_MS = 10_000;
/** Each bucket reaches a tenth further than the one before: from 1/16 ms to an hour. */
const GROWTH = 1.1;
const SMALLEST_MS = 1 / 16;
const BUCKETS = 190;
/** Fewer calls say nothing about the slow ones. */
const ENOUGH = 20;
/** The slow ones are looked for this often, not at each call. */
const REFRESH_MS = 250;

/** Knows how long the slower calls took lately, in constant memory: it counts in buckets, over the present ten seconds and the ten before. */
export class LatencyWindow {
  readonly #share: number;
  #present = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #window = 0;
  #quantile: number | undefined = undefined;
  #lookedAt = -Infinity;

  /** A `share` of 0.95 asks for the time within which 95 % of the calls ended. */
  constructor(share: number) {
    this.#share = share;
  }

  record(latencyMs: number, now: number): void {
    this.#turn(now);
    const bucket = Math.ceil(Math.log(latencyMs / SMALLEST_MS) / Math.log(GROWTH));
    this.#present[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += 1;
  }

  /** Too long by a tenth at most; undefined when too few calls are known. */
  quantile(now: number): number | undefined {
    if (now - this.#lookedAt >= REFRESH_MS) {
      this.#turn(now);
      this.#quantile = this.#look();
      this.#lookedAt = now;
    }
    return this.#quantile;
  }

  #look(): number | undefined {
    const counts = this.#present.map((count, bucket) => count + this.#before[bucket]!);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total < ENOUGH) return undefined;
    let seen = 0;
    const bucket = counts.findIndex((count) => (seen += count) >= total * this.#share);
    return SMALLEST_MS * GROWTH ** bucket;
  }

  #turn(now: number): void {
    const window = Math.floor(now / WINDOW_MS);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#present : new Uint32Array(BUCKETS);
    this.#present = new Uint32Array(BUCKETS);
    this.#window = window;
  }
}
