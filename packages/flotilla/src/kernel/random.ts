import { getRandomValues } from 'node:crypto';

/** The only door to randomness, so that a simulation can replay a seed. */
export interface Random {
  /** A number in [0, 1), for jitter and choice; not for secrets. */
  next(): number;
  /** Random bytes fit for secrets. */
  bytes(length: number): Uint8Array;
}

const POOL_BYTES = 8_192;

/** One system call fills a pool that serves hundreds of ids; each byte is given out once. */
function pooledBytes(): (length: number) => Uint8Array {
  let pool = new Uint8Array(0);
  let used = 0;
  return (length) => {
    if (length > POOL_BYTES / 8) return getRandomValues(new Uint8Array(length));
    if (used + length > pool.length) {
      pool = getRandomValues(new Uint8Array(POOL_BYTES));
      used = 0;
    }
    used += length;
    return pool.slice(used - length, used);
  };
}

export const systemRandom: Random = { next: () => Math.random(), bytes: pooledBytes() };
