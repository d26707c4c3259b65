import { type Clock, repeat } from '../../kernel/index.ts';
import { TICK_MS } from './beats.ts';

/** Longer than this without a turn, and callers are better off elsewhere. */
const BLOCKED_MS = 1_500;

/** Counts up in shared memory for as long as this event loop turns. */
export function beatPulse(pulse: Int32Array<SharedArrayBuffer>, clock: Clock): Disposable {
  return repeat(
    clock,
    () => TICK_MS / 2,
    () => void Atomics.add(pulse, 0, 1),
  );
}

/** Watches the pulse from another thread; to be asked at every tick. */
export function feelPulse(pulse: Int32Array<SharedArrayBuffer>, clock: Clock): () => boolean {
  let count = Atomics.load(pulse, 0);
  let changedAt = clock.monotonic();
  let askedAt = changedAt;
  return () => {
    const now = clock.monotonic();
    const wasAway = now - askedAt > 2 * TICK_MS;
    askedAt = now;
    const current = Atomics.load(pulse, 0);
    // When the whole process stood still, the main loop deserves the time that this thread has already had.
    if (current !== count || wasAway) changedAt = now;
    count = current;
    return now - changedAt > BLOCKED_MS;
  };
}
