import { isDeclared, isUnsent } from '../client/index.ts';
import { type ErrorKind, isFlotillaError, toFlotillaError } from '../kernel/index.ts';
import type { StepFailure } from './journal.ts';
import type { StepRun } from './step-run.ts';

/** How an attempt ended. `failed` is definite: nothing happened. `unknown` may have taken effect. */
export type Outcome =
  { readonly status: 'ok'; readonly output: unknown } | { readonly status: 'failed' | 'unknown'; readonly failure: StepFailure };

const REFUSALS: ReadonlySet<ErrorKind> = new Set(['invalid', 'unauthenticated', 'forbidden', 'not-found', 'conflict']);

/**
 * True when it is certain that nothing was done: a refusal that trying again won't change, or a call that never left this process. A
 * refusal that may pass is none: a copy of the call that is still under way may be lucky.
 */
export function isDefinite(thrown: unknown): boolean {
  if (!isFlotillaError(thrown)) return false;
  return isUnsent(thrown) || (!thrown.retryable && (isDeclared(thrown) || REFUSALS.has(thrown.kind)));
}

/**
 * The outcome of an attempt that threw. A timeout is not a failure: the effect may have happened or may yet happen. A
 * definite failure after another effect of the same attempt leaves that effect behind, so it counts as unknown and is undone.
 */
export function outcomeOf(
  thrown: unknown,
  { mayHaveActed, wasRefused }: Pick<StepRun, 'mayHaveActed' | 'wasRefused'>,
): Outcome & { status: 'failed' | 'unknown' } {
  const failure = failureOf(thrown);
  if (!isDefinite(thrown) || mayHaveActed) return { status: 'unknown', failure };
  return { status: 'failed', failure: wasRefused ? { ...failure, refused: true } : failure };
}

/** What the journal keeps of an error. */
export function failureOf(thrown: unknown): StepFailure {
  const { code, kind, message, retryable, cause } = toFlotillaError(thrown);
  const behind = cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined;
  return { code, kind, message, retry: retryable || !isDefinite(thrown), ...(behind !== undefined && { cause: behind }) };
}
