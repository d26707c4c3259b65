import type { Clock } from '../kernel/index.ts';

export interface RetryBudgetOptions {
  clock: Clock;
  /** Retries per request; 0.2 unless said. */
  ratio?: number;
  /** Retries per second that are always allowed, so that a quiet upstream can be retried at all; 10 unless said. */
  floorPerSecond?: number;
}

/** Keeps retries a small share of the traffic to one upstream: when everything fails, retrying everything makes it worse. */
export interface RetryBudget {
  /** Counts a first try. */
  deposit(): void;
  /** True if one retry may be made now, which is then counted. */
  withdraw(): boolean;
}

const WINDOW_S = 10;

/** Counts by second over the last ten seconds, on the monotonic clock and without a timer. */
export function createRetryBudget({ clock, ratio = 0.2, floorPerSecond = 10 }: RetryBudgetOptions): RetryBudget {
  const requests = Array.from({ length: WINDOW_S }, () => 0);
  const retries = Array.from({ length: WINDOW_S }, () => 0);
  let second = Math.floor(clock.monotonic() / 1000);

  /** Forgets the seconds that left the window and returns the place of the present one. */
  const place = (): number => {
    const now = Math.floor(clock.monotonic() / 1000);
    for (const last = Math.min(now, second + WINDOW_S); second < last;) {
      second++;
      requests[second % WINDOW_S] = 0;
      retries[second % WINDOW_S] = 0;
    }
    second = now;
    return second % WINDOW_S;
  };

  return {
    deposit: () => {
      requests[place()]! += 1;
    },
    withdraw: () => {
      const here = place();
      if (sum(retries) >= sum(requests) * ratio + floorPerSecond * WINDOW_S) return false;
      retries[here]! += 1;
      return true;
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
