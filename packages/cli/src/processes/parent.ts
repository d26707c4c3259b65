import type { Clock } from 'flotilla/kernel';

/** What a process tells, every few seconds, the one that looks after it. */
export interface Beat {
  readonly rssBytes: number;
  /** Services without which it is not ready yet. */
  readonly waitsFor: readonly string[];
}

export const BEAT_MS = 2_000;

/** Tells the process that started this one how it is, until disposed. Does nothing where nobody listens. */
export function reportToParent(clock: Clock, waitsFor: () => readonly string[]): Disposable {
  let timer: Disposable | undefined;
  const beat = (): void => {
    if (!process.connected) return;
    // A parent that goes away this very moment is noticed by the end of the channel.
    const said: Beat = { rssBytes: process.memoryUsage.rss(), waitsFor: waitsFor() };
    process.send!(said, undefined, {}, () => undefined);
    timer = clock.timer(BEAT_MS, beat);
  };
  beat();
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

/**
 * Calls back when the process that started this one, and keeps a channel to it, is gone. Without such a channel that never
 * happens: a process started by a shell or a service manager stands on its own.
 */
export function watchParent(gone: () => void): Disposable {
  const hadParent = process.send !== undefined;
  if (hadParent && !process.connected) gone();
  process.on('disconnect', gone);
  return { [Symbol.dispose]: () => void process.off('disconnect', gone) };
}
