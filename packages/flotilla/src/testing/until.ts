import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../kernel/index.ts';

/** Long: a machine that is busy with other tests may stand still for seconds. A condition that holds ends the wait at once. */
const PATIENCE_MS = 60_000;

/** Waits, one turn of the event loop after the other, until the condition holds; a wait in vain fails after a minute of real time unless said. */
export async function until(condition: () => boolean | Promise<boolean>, patienceMs: number = PATIENCE_MS): Promise<void> {
  const giveUpAt = systemClock.monotonic() + patienceMs;
  while (!(await condition())) {
    if (systemClock.monotonic() > giveUpAt) throw new Error(`Waited in vain until ${condition.toString()}`);
    await nextTurn();
  }
}
