/** Eight buckets for each doubling: a value read back is off by less than 5 %. */
const PER_DOUBLING = 8;
/** From 2^-7 ms (8 µs) … */
const LOWEST = -7;
/** … to 2^17 ms (131 s); what is below or above goes into the first or the last bucket. */
const HIGHEST = 17;
const BUCKETS = (HIGHEST - LOWEST) * PER_DOUBLING + 1;

/** Counts of durations by length. Its size is fixed, and counting allocates nothing. */
export type Histogram = Float64Array;

export function createHistogram(): Histogram {
  return new Float64Array(BUCKETS);
}

export function count(histogram: Histogram, ms: number): void {
  const bucket = Math.floor((Math.log2(ms) - LOWEST) * PER_DOUBLING) + 1;
  // Written so that 0, whose logarithm is -∞, and NaN fall into the first bucket.
  histogram[bucket > 0 ? (bucket < BUCKETS ? bucket : BUCKETS - 1) : 0]! += 1;
}

/** Adds the counts, each with the same weight. */
export function add(target: Histogram, counts: Histogram, weight = 1): void {
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) target[bucket]! += counts[bucket]! * weight;
}

/** The duration that this share of all does not exceed, in milliseconds; 0 when nothing was counted. */
export function quantile(histogram: Histogram, share: number): number {
  const total = histogram.reduce((sum, counted) => sum + counted, 0);
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    seen += histogram[bucket]!;
    // The middle of the bucket, on its own scale.
    if (total > 0 && seen >= total * share) return 2 ** (LOWEST + (bucket - 0.5) / PER_DOUBLING);
  }
  return 0;
}

/** How many were at most so long: `[2^-2 ms, …], [2^-1 ms, …], …`, each including all before it. */
export function cumulative(histogram: Histogram): { readonly leMs: number; readonly count: number }[] {
  const steps: { leMs: number; count: number }[] = [];
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS - 1; bucket += 1) {
    seen += histogram[bucket]!;
    const exponent = LOWEST + bucket / PER_DOUBLING;
    if (exponent >= -2 && Number.isInteger(exponent)) steps.push({ leMs: 2 ** exponent, count: seen });
  }
  return steps;
}
