import type { Clock } from './clock.ts';
import { FlotillaError, isFlotillaError } from './errors.ts';

/** The reason of an aborted signal as an error with a code: ours as it is, anything else wrapped in `CANCELLED`. */
export function abortReason(signal: AbortSignal): Error {
  if (isFlotillaError(signal.reason)) return signal.reason;
  return new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The caller went away.', cause: signal.reason });
}

/** A signal that follows a parent and can also be aborted on its own. Dispose it when the work ends: it then lets go of the parent. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/** One controller per piece of work with one removable listener; `AbortSignal.any` leaks on long-lived parents (nodejs/node#55351). */
export function linkSignal(parent?: AbortSignal): LinkedSignal {
  const controller = new AbortController();
  const follow = (): void => controller.abort(abortReason(parent!));
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent?.removeEventListener('abort', follow),
  };
}

/** The error of work whose time ran out. `what` starts a sentence: `The call`, `orders.place`. */
export function deadlineExceeded(what: string): FlotillaError {
  return new FlotillaError('DEADLINE_EXCEEDED', { kind: 'timeout', message: `${what} did not end within its time.` });
}

export interface TimeoutOptions {
  clock: Clock;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** The error to reject with and to abort the work with when time is up. */
  onTimeout: () => FlotillaError;
}

/**
 * Runs work that must end in time. When time is up or the parent aborts, the work's own signal aborts and the returned
 * promise rejects at once, even if the work ignores its signal.
 */
export function withTimeout<TResult>(options: TimeoutOptions, work: (signal: AbortSignal) => Promise<TResult>): Promise<TResult> {
  return new Promise((resolve, reject) => {
    const { clock, timeoutMs, signal: parent, onTimeout } = options;
    const controller = new AbortController();
    const release = (): void => {
      timer[Symbol.dispose]();
      parent?.removeEventListener('abort', abandon);
    };
    const end = (reason: Error): void => {
      release();
      reject(reason);
      controller.abort(reason);
    };
    const abandon = (): void => end(abortReason(parent!));
    const timer = clock.timer(timeoutMs, () => end(onTimeout()), { hold: true });
    if (parent?.aborted) return abandon();
    parent?.addEventListener('abort', abandon, { once: true });
    const settled = (value: TResult): void => {
      release();
      resolve(value);
    };
    const failed = (thrown: unknown): void => {
      release();
      reject(thrown as Error);
    };
    try {
      work(controller.signal).then(settled, failed);
    } catch (thrown) {
      failed(thrown);
    }
  });
}

/** Settles like `promise`, or rejects with the signal's reason if that comes first. */
export function untilAborted<TResult>(signal: AbortSignal, promise: Promise<TResult>): Promise<TResult> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(abortReason(signal));
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
