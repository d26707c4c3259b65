import type { Clock } from 'flotilla/kernel';

export interface Debounced extends Disposable {
  call(): void;
}

/** Calls back at once, but not again before the interval is over; calls that come meanwhile are one call at its end. */
export function debounced(clock: Clock, intervalMs: number, callback: () => void): Debounced {
  let timer: Disposable | undefined;
  let again = false;

  function call(): void {
    if (timer) {
      again = true;
      return;
    }
    timer = clock.timer(intervalMs, () => {
      timer = undefined;
      if (!again) return;
      again = false;
      call();
    });
    callback();
  }

  return { call, [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}
