import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep, systemClock } from '../kernel/index.ts';

/** Long: a machine that is busy with other tests may stand still for seconds. A condition that holds ends the wait at once. */
const PATIENCE_MS = 60_000;
/** What this process does by itself is done by then. Whatever takes longer is done by others, who need the processor. */
const AT_ONCE_MS = 20;
const PAUSE_MS = 2;

/**
 * Waits until the condition holds: at first one turn of the event loop after the other, then with short pauses. A wait in vain
 * fails after a minute of real time unless said.
 */
export async function until(condition: () => boolean | Promise<boolean>, patienceMs: number = PATIENCE_MS): Promise<void> {
  const start = systemClock.monotonic();
  while (!(await condition())) {
    const waitedMs = systemClock.monotonic() - start;
    if (waitedMs > patienceMs) throw new Error(`Waited in vain until ${condition.toString()}`);
    await (waitedMs < AT_ONCE_MS ? nextTurn() : sleep(systemClock, PAUSE_MS));
  }
}
