import { type Runtime, sleep } from 'flotilla/kernel';
import { backoffMs } from 'flotilla/log';

/** Keeps the pause between attempts below two seconds. */
const MOST_FAILURES_COUNTED = 5;

export interface Attempts {
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly signal: AbortSignal;
  /** Works until it fails, or until the signal aborts. Once it calls `begun`, the next pause is a short one again. */
  readonly attempt: (begun: () => void) => Promise<void>;
  readonly failed: (thrown: unknown) => void;
}

/** Attempts something again and again, with a pause after each failure that grows. Resolves when the signal has aborted; never rejects. */
export async function persist({ runtime, signal, attempt, failed }: Attempts): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      await attempt(() => (failures = 0));
    } catch (thrown) {
      if (signal.aborted) return;
      failed(thrown);
      const pauseMs = backoffMs(runtime.random, Math.min(++failures, MOST_FAILURES_COUNTED));
      await sleep(runtime.clock, pauseMs, signal).catch(() => undefined);
    }
  }
}
