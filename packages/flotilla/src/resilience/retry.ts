import { isFlotillaError, type Runtime, sleep } from '../kernel/index.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryOptions {
  runtime: Pick<Runtime, 'clock' | 'random'>;
  /** Tries in all; 3 unless said, 1 switches retries off. */
  attempts?: number;
  /** The longest first pause; doubles with each try. 50 unless said. */
  baseDelayMs?: number;
  /** No pause is longer, except one that the other side asked for. 1000 unless said. */
  maxDelayMs?: number;
  /** Shared by everything that calls the same upstream. */
  budget?: RetryBudget;
  /** `isWorthRetrying` unless said. */
  retryable?: (thrown: unknown) => boolean;
}

/** What bounds one piece of work. */
export interface RetryBounds {
  signal?: AbortSignal | undefined;
  /** In monotonic milliseconds of the clock; a pause that would pass it is not begun. */
  deadline?: number;
}

/** Runs work that is safe to repeat. `work` gets the number of the try, from 1. Rejects with the last failure. */
export type Retry = <TResult>(work: (attempt: number) => Promise<TResult>, bounds?: RetryBounds) => Promise<TResult>;

/** Retries with full jitter. Only ever use it for work that may happen twice. */
export function createRetry(options: RetryOptions): Retry {
  const { attempts = 3, budget, retryable = isWorthRetrying, runtime } = options;
  const pauseMs = createBackoff(options);
  return async (work, { signal, deadline = Infinity } = {}) => {
    budget?.deposit();
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(attempt);
      } catch (thrown) {
        if (attempt >= attempts || signal?.aborted || !retryable(thrown)) throw thrown;
        const delayMs = pauseMs(thrown, attempt);
        if (runtime.clock.monotonic() + delayMs >= deadline || budget?.withdraw() === false) throw thrown;
        await sleep(runtime.clock, delayMs, signal);
      }
    }
  };
}

/** True for errors that say so themselves. One that means "too much" must also say when to come back, or retrying only adds to it. */
export function isWorthRetrying(thrown: unknown): boolean {
  if (!isFlotillaError(thrown) || !thrown.retryable) return false;
  return thrown.kind !== 'exhausted' || retryAfterMs(thrown) !== undefined;
}

/** A random pause up to a limit that doubles, so that callers who failed together do not come back together. */
function createBackoff({ runtime, baseDelayMs = 50, maxDelayMs = 1_000 }: RetryOptions) {
  return (thrown: unknown, attempt: number): number => {
    const jittered = runtime.random.next() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
    return Math.max(jittered, retryAfterMs(thrown) ?? 0);
  };
}

function retryAfterMs(thrown: unknown): number | undefined {
  if (!isFlotillaError(thrown) || typeof thrown.details !== 'object' || thrown.details === null) return undefined;
  const { retryAfterMs: delayMs } = thrown.details as { retryAfterMs?: unknown };
  return typeof delayMs === 'number' && delayMs >= 0 ? delayMs : undefined;
}
