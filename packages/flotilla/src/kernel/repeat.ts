import type { Clock } from './clock.ts';

/** Calls back after pauses that are drawn anew each time, until disposed. */
export function repeat(clock: Clock, nextMs: () => number, callback: () => void): Disposable {
  let disposed = false;
  const tick = (): void => {
    callback();
    if (!disposed) timer = clock.timer(nextMs(), tick);
  };
  let timer = clock.timer(nextMs(), tick);
  return {
    [Symbol.dispose]: () => {
      disposed = true;
      timer[Symbol.dispose]();
    },
  };
}
