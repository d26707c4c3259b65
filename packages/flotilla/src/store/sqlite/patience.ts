import { type Clock, sleep } from '../../kernel/index.ts';
import { isBusy } from './failure.ts';

const PATIENCE_MS = 5_000;
const PAUSE_MS = 5;

/**
 * Does what needs a lock that another process may hold. It waits without blocking the event loop, and gives up with SQLite's
 * busy error in the end.
 */
export async function patiently(clock: Clock, action: () => void): Promise<void> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (!isBusy(error) || clock.monotonic() >= until) throw error;
    }
    await sleep(clock, PAUSE_MS);
  }
}
