import { type Random, type Runtime, uuidV7 } from '../kernel/index.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

/** A runtime in the hands of a test: time moves only on `clock.advance`, and one seed gives the same numbers and ids each time. */
export interface FakeRuntime extends Runtime {
  readonly clock: FakeClock;
}

export interface FakeRuntimeOptions {
  /** Wall-clock milliseconds at the start; 2026-01-01T00:00:00Z unless said. */
  start?: number;
  seed?: number;
  env?: Readonly<Record<string, string | undefined>>;
}

const DEFAULT_START = Date.UTC(2026, 0, 1);

export function createFakeRuntime(options: FakeRuntimeOptions = {}): FakeRuntime {
  const clock = createFakeClock(options.start ?? DEFAULT_START);
  const random = seededRandom(options.seed ?? 1);
  return { clock, random, ids: uuidV7(clock, random), env: options.env ?? {} };
}

/** Equal seeds give equal sequences. Never for secrets. */
export function seededRandom(seed: number): Random {
  // mulberry32: one 32-bit state, passes the usual statistical tests, and is short enough to be read.
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}
