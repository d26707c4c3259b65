import type { Clock } from '../kernel/index.ts';
import type { BudgetPolicy } from './policy.ts';
import { budgetSettings } from './settings.ts';

export interface RetryBudgetOptions extends BudgetPolicy {
  clock: Pick<Clock, 'monotonic'>;
}

/** Keeps extra tries a small share of the traffic to one upstream: when everything fails, repeating everything makes it worse. */
export interface RetryBudget {
  /** Counts a first try. */
  deposit(): void;
  /** True if one extra try may be made now, which is then counted. */
  withdraw(): boolean;
  /** How often it said no. */
  readonly refusals: number;
}

const WINDOW_S = 10;

/** Counts by second over the last ten seconds, on the monotonic clock and without a timer. */
export function createRetryBudget({ clock, ...policy }: RetryBudgetOptions): RetryBudget {
  const { ratio, floorPerSecond } = budgetSettings(policy);
  const deposits = new Uint32Array(WINDOW_S);
  const withdrawals = new Uint32Array(WINDOW_S);
  let second = Math.floor(clock.monotonic() / 1000);
  /** Taken in this second because there is a floor, whatever the traffic. */
  let floorUsed = 0;
  let refusals = 0;

  /** Forgets the seconds that left the window and returns the place of the present one. */
  const place = (): number => {
    const now = Math.floor(clock.monotonic() / 1000);
    if (now > second) {
      floorUsed = 0;
      for (let gone = Math.max(second + 1, now - WINDOW_S + 1); gone <= now; gone += 1) {
        deposits[gone % WINDOW_S] = withdrawals[gone % WINDOW_S] = 0;
      }
      second = now;
    }
    return second % WINDOW_S;
  };

  return {
    deposit: () => void (deposits[place()]! += 1),
    withdraw: () => {
      const here = place();
      if (sum(withdrawals) < Math.floor(sum(deposits) * ratio)) withdrawals[here]! += 1;
      else if (floorUsed < floorPerSecond) floorUsed += 1;
      else {
        refusals += 1;
        return false;
      }
      return true;
    },
    get refusals() {
      return refusals;
    },
  };
}

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
