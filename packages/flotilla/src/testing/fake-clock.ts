import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../kernel/index.ts';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass and fires the timers that come due, in the order of their times. Everything that a timer sets off runs
   * before the next one fires, so a loop of sleeps goes round as often as it would in real time. Await it.
   */
  advance(ms: number): Promise<void>;
  /** The wall clock jumps, as when an operator sets it; no time passes and no timer moves. */
  step(ms: number): void;
  /** How many timers wait; 0 proves that the code under test left none behind. */
  readonly pending: number;
}

interface FakeTimer {
  readonly due: number;
  readonly callback: () => void;
}

export function createFakeClock(start: number): FakeClock {
  const timers = new Set<FakeTimer>();
  let wallOffset = start;
  let elapsed = 0;

  function nextDue(until: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of timers) {
      if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    timer(delayMs, callback) {
      const timer = { due: elapsed + Math.max(0, delayMs), callback };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    async advance(ms) {
      const until = elapsed + ms;
      await nextTurn();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        elapsed = Math.max(elapsed, timer.due);
        timers.delete(timer);
        timer.callback();
        await nextTurn();
      }
      elapsed = Math.max(elapsed, until);
    },
    step: (ms) => void (wallOffset += ms),
    get pending() {
      return timers.size;
    },
  };
}
