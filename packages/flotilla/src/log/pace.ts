import type { Clock, Random } from '../kernel/index.ts';

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 30_000;

/** How long to wait after so many failures in a row: exponential with full jitter, so that many waiters don't return as one. */
export function backoffMs(random: Random, failures: number): number {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20));
  return Math.max(FIRST_BACKOFF_MS, random.next() * ceiling);
}

/** Wakes one waiter. A ring while nobody waits is remembered, so work that arrives during work is not missed. */
export interface Bell {
  ring(): void;
  /** Resolves when rung, after the time, or when the signal aborts; the caller looks which. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = false;
  let wake = (): void => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(timeoutMs, signal) {
      if (!rung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        using _timer = clock.timer(timeoutMs, resolve);
        signal.addEventListener('abort', wake, { once: true });
        await promise;
        signal.removeEventListener('abort', wake);
      }
      rung = false;
    },
  };
}

/** Calls back again and again until disposed. */
export function every(clock: Clock, intervalMs: number, callback: () => void): Disposable {
  let timer = clock.timer(intervalMs, tick);
  function tick(): void {
    timer = clock.timer(intervalMs, tick);
    callback();
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
