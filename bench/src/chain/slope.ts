/** A straight line through points at 1, 2, 3…, by least squares. */
export interface Line {
  readonly slope: number;
  /** How much of what differs the line explains, from 0 to 1: R². */
  readonly fit: number;
}

export function lineThrough(values: readonly number[]): Line {
  const middle = (values.length + 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  let spread = 0;
  for (const [index, value] of values.entries()) {
    products += (index + 1 - middle) * (value - mean);
    squares += (index + 1 - middle) ** 2;
    spread += (value - mean) ** 2;
  }
  const slope = products / squares;
  return { slope, fit: spread === 0 ? 1 : (slope * products) / spread };
}
