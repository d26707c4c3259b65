import { getRandomValues } from 'node:crypto';

/** The only door to randomness, so that a simulation can replay a seed. */
export interface Random {
  /** A number in [0, 1), for jitter and choice; not for secrets. */
  next(): number;
  /** Random bytes fit for secrets. */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => getRandomValues(new Uint8Array(length)),
};
