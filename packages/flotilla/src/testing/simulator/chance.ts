import type { Random } from '../../kernel/index.ts';
import { seededRandom } from '../fake-runtime.ts';

/** Chance that depends on a seed only: each part of a simulation draws from its own, so that one part can be left out. */
export interface Chance extends Random {
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  between(low: number, high: number): number;
  pick<TItem>(items: readonly TItem[]): TItem;
}

type Way = readonly (string | number)[];

export function chanceOf(seed: number, ...way: Way): Chance {
  const random = seededRandom(hashOf(seed, way));
  const below = (end: number): number => Math.floor(random.next() * end);
  return {
    next: random.next,
    // Whole words at a time: each process that starts fills a pool with them.
    bytes: (length) => {
      const words = new Uint32Array(Math.ceil(length / 4));
      for (let index = 0; index < words.length; index++) words[index] = below(2 ** 32);
      return new Uint8Array(words.buffer, 0, length);
    },
    below,
    between: (low, high) => low + random.next() * (high - low),
    pick: (items) => items[below(items.length)]!,
  };
}

/** One number in [0, 1), for when no more is needed. */
export function rollOf(seed: number, ...way: Way): number {
  return hashOf(seed, way) / 2 ** 32;
}

/** The number itself, for a name that says the same. */
export function hashOf(seed: number, way: Way): number {
  return way.reduce<number>((hash, part) => mixed(hash, part), seed >>> 0);
}

/** 32 bits that look random and depend on all that went in (the finaliser of MurmurHash3, Austin Appleby, public domain). */
function mixed(hash: number, part: string | number): number {
  if (typeof part === 'number') return finished((hash ^ Math.imul(part, 0x9e3779b1)) + 0x7f4a7c15);
  let sum = hash;
  for (let index = 0; index < part.length; index++) sum = Math.imul(sum, 31) + part.charCodeAt(index);
  return finished(sum);
}

function finished(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
