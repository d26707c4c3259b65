const WINDOW_MS = 10_000;
/** Each bucket reaches a fifth further than the one before: from 1/16 ms to hours in 110 buckets. */
const GROWTH = 1.2;
const SMALLEST_MS = 1 / 16;
const BUCKETS = 110;
/** Fewer say nothing about the tail. */
const ENOUGH = 20;

/** Knows about how long calls took lately, in constant memory: the ten seconds at hand and the ten before. */
export class LatencyWindow {
  #present = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #window = 0;

  record(latencyMs: number, now: number): void {
    this.#turn(now);
    const bucket = Math.ceil(Math.log(latencyMs / SMALLEST_MS) / Math.log(GROWTH));
    this.#present[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += 1;
  }

  /** The time within which this share of the calls ended, a fifth too long at most; undefined when too few are known. */
  quantile(share: number, now: number): number | undefined {
    this.#turn(now);
    const counts = this.#present.map((count, bucket) => count + this.#before[bucket]!);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total < ENOUGH) return undefined;
    let seen = 0;
    const bucket = counts.findIndex((count) => (seen += count) >= total * share);
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
