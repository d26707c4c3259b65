import { isFlotillaError, type Runtime, sleep } from '../kernel/index.ts';
import { begin } from './begin.ts';
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
  const repeat = createRepeat({ settings: retrySettings(options), runtime, budget, retryable });
  return (work, bounds = {}) => {
    budget?.deposit();
    return begin(() => work(1)).catch((thrown: unknown) => repeat(thrown, work, bounds));
  };
}

/** Goes on after the first try failed. Rejects with the last failure. */
export type Repeat = <TResult>(
  thrown: unknown,
  work: (attempt: number) => Promise<TResult>,
  bounds: RetryBounds,
) => Promise<TResult>;

export interface RepeatOptions {
  settings: RetrySettings;
  runtime: Pick<Runtime, 'clock' | 'random'>;
  budget: RetryBudget | undefined;
  retryable: (thrown: unknown) => boolean;
}

export function createRepeat({ settings, runtime, budget, retryable }: RepeatOptions): Repeat {
  const pauseMs = createBackoff(runtime, settings);
  return async (failure, work, { signal, deadline = Infinity }) => {
    let thrown = failure;
    for (let attempt = 1; attempt < settings.attempts && !signal?.aborted && retryable(thrown); attempt += 1) {
      const delayMs = pauseMs(thrown, attempt);
      if (runtime.clock.monotonic() + delayMs >= deadline || budget?.withdraw() === false) break;
      await sleep(runtime.clock, delayMs, signal);
      try {
        return await work(attempt + 1);
      } catch (again) {
        thrown = again;
      }
    }
    throw thrown;
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
function createBackoff({ random }: Pick<Runtime, 'random'>, { delayMs, maxDelayMs }: RetrySettings) {
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
