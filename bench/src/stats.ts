/** The value below which `fraction` of the values lie; NaN when there are none. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median and spread of one figure over several rounds. */
export function summarise(values: readonly number[]): Summary {
  return { median: percentile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}
