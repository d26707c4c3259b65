import type { Clock } from 'flotilla/kernel';
import { findRunning } from '../running.ts';
import { callsPerSecondOf } from '../top-view.ts';
import { createVitalsReader, type Seen } from '../vitals.ts';

/** How many calls a second the parts of a running system answer. */
export interface CallRates extends AsyncDisposable {
  /** As it was known a moment ago; undefined when nobody says. Asking makes it know more a moment later. */
  of(part: string): number | undefined;
}

const FRESH_MS = 2_000;

export function createCallRates(dataFolder: string, clock: Clock): CallRates {
  // A supervisor looks after the processes of its own machine.
  const reader = createVitalsReader(dataFolder, findRunning);
  let rates: ReadonlyMap<string, number> = new Map();
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    // As long as nothing runs, nothing is known.
    rates = await reader.read().then(ratesOf, () => new Map());
    asking = undefined;
  };
  return {
    of: (part) => {
      const now = clock.monotonic();
      if (!asking && now - askedAt >= FRESH_MS) {
        askedAt = now;
        asking = ask();
      }
      return rates.get(part);
    },
    [Symbol.asyncDispose]: async () => {
      await asking;
      await reader[Symbol.asyncDispose]();
    },
  };
}

function ratesOf(seen: readonly Seen[]): Map<string, number> {
  const rates = new Map<string, number>();
  for (const { service, vitals } of seen) {
    if (!vitals) continue;
    rates.set(service, (rates.get(service) ?? 0) + callsPerSecondOf(vitals));
  }
  return rates;
}
