import { isFlotillaError, type Runtime, sleep } from '../kernel/index.ts';
import type { RetryPolicy } from './policy.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type RetrySettings, retrySettings } from './settings.ts';

export interface RetryOptions extends RetryPolicy {
  runtime: Pick<Runtime, 'clock' | 'random'>;
  /** Shared by everything that calls the same upstream. */
  budget?: RetryBudget;
  /** `isWorthRetrying` unless said. */
  retryable?: (thrown: unknown) => boolean;
}

/** What bounds one piece of work. */
export interface RetryBounds {
  readonly signal?: AbortSignal | undefined;
  /** In monotonic milliseconds of the clock; a pause that would pass it is not begun. */
  readonly deadline?: number | undefined;
}

/** Runs work that is safe to repeat. `work` gets the number of the try, from 1. Rejects with the last failure. */
export type Retry = <TResult>(work: (attempt: number) => Promise<TResult>, bounds?: RetryBounds) => Promise<TResult>;

/** Retries with full jitter. Only ever use it for work that may happen twice. */
export function createRetry(options: RetryOptions): Retry {
  const { budget, retryable = isWorthRetrying, runtime } = options;
  const { attempts, ...pauses } = retrySettings(options);
  const pauseMs = createBackoff(runtime, pauses);
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

/**
 * True for errors that say so themselves. One that means "too much" must also say when to come back, or retrying only adds to
 * it; and whoever is behind an open breaker is known to be in trouble.
 */
export function isWorthRetrying(thrown: unknown): boolean {
  if (!isFlotillaError(thrown) || !thrown.retryable || thrown.code === 'BREAKER_OPEN') return false;
  return thrown.kind !== 'exhausted' || retryAfterMs(thrown) !== undefined;
}

/** A random pause up to a limit that doubles, so that callers who failed together do not come back together. */
function createBackoff({ random }: RetryOptions['runtime'], { delayMs, maxDelayMs }: Omit<RetrySettings, 'attempts'>) {
  return (thrown: unknown, attempt: number): number => {
    const jittered = random.next() * Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1));
    return Math.max(jittered, retryAfterMs(thrown) ?? 0);
  };
}

function retryAfterMs(thrown: unknown): number | undefined {
  if (!isFlotillaError(thrown) || typeof thrown.details !== 'object' || thrown.details === null) return undefined;
  const { retryAfterMs: delayMs } = thrown.details as { retryAfterMs?: unknown };
  return typeof delayMs === 'number' && delayMs >= 0 ? delayMs : undefined;
}
