import { systemRuntime } from 'flotilla/kernel';
import { watchParent } from './processes/parent.ts';

/** Why something should stop: a signal, or because nobody looks after it any more. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'orphaned';

/** Watches for the wish to stop (Ctrl+C, SIGTERM) while something runs. */
export interface StopSignals extends Disposable {
  /** Resolves at the first signal. */
  readonly stopped: Promise<StopReason>;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };
/** npm passes on the Ctrl+C that the terminal has sent to everybody already: that is one wish, not two. */
const SAME_WISH_MS = 500;

/** The first signal asks for an orderly stop; a second one, if the first seems to be stuck, exits at once. */
export function watchStopSignals(): StopSignals {
  const { clock } = systemRuntime;
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  let firstAt: number | undefined;
  const handle = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (firstAt !== undefined && clock.monotonic() - firstAt > SAME_WISH_MS) process.exit(EXIT_CODES[signal]);
    firstAt ??= clock.monotonic();
    resolve(signal);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  const parent = watchParent(() => resolve('orphaned'));
  return {
    stopped: promise,
    [Symbol.dispose]: () => {
      parent[Symbol.dispose]();
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
