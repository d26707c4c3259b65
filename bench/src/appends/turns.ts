/** How many events a stream gets before the next one begins. */
const STREAM_LENGTH = 10;

/** The next append of a writer: to which stream, and the version that it must have. */
export interface Turn {
  readonly stream: string;
  readonly version: number;
}

/** Each writer fills one stream after another, so it always knows the version. */
export function createTurns(): (lane: number) => Turn {
  const counts = new Map<number, number>();
  return (lane) => {
    const count = counts.get(lane) ?? 0;
    counts.set(lane, count + 1);
    return { stream: `till-${lane}-${Math.floor(count / STREAM_LENGTH)}`, version: count % STREAM_LENGTH };
  };
}

/** About 200 bytes as JSON. */
export const data = {
  orderId: '01930b2e-7c1f-7a52-9c6e-3f8a52e4d901',
  lines: [{ sku: 'TEA-DARJ-100', name: 'Darjeeling first flush, 100 g', quantity: 2, price: 690 }],
  total: 1380,
  currency: 'EUR',
  note: 'ring twice',
};
