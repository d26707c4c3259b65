import { abortReason } from './abort.ts';
import type { Clock } from './clock.ts';

/** Waits on the given clock. Rejects with the signal's reason as soon as it aborts and leaves no timer or listener behind. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal));
    const timer = clock.timer(delayMs, done, { hold: true });
    signal?.addEventListener('abort', aborted, { once: true });
    function done(): void {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }
    function aborted(): void {
      timer[Symbol.dispose]();
      reject(abortReason(signal!));
    }
  });
}
