/** The only door to time. The wall clock may jump; everything measured uses the monotonic one. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls back once after `delayMs`, at once when that is past. Disposing the result cancels it. A timer never keeps the process alive by itself unless `hold`. */
  timer(delayMs: number, callback: () => void, options?: { hold?: boolean }): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // Not a function around it: it is read several times in each call.
  monotonic: performance.now.bind(performance),
  timer(delayMs, callback, options) {
    const handle = setTimeout(callback, Math.max(0, delayMs));
    if (options?.hold !== true) handle.unref();
    return { [Symbol.dispose]: () => clearTimeout(handle) };
  },
};
