import { sleep, systemClock } from 'flotilla/kernel';

const PATIENCE_MS = 60_000;
const POLL_MS = 10;

/** Waits until the condition holds, which other processes bring about in their own time. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = systemClock.monotonic() + PATIENCE_MS;
  while (!(await condition())) {
    if (systemClock.monotonic() > giveUpAt) throw new Error(`Waited in vain until ${condition.toString()}`);
    await sleep(systemClock, POLL_MS);
  }
}
