import { type ErrorKind, isFlotillaError } from '../kernel/index.ts';

/** What one call says about the health of what was called; `ignored` says nothing. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** The kinds that speak against what was called. A refusal such as not-found proves that it is alive. */
export const FAILURE_KINDS: readonly ErrorKind[] = ['unavailable', 'timeout', 'internal'];

/** What is no Flotilla error counts as `internal`; work that its caller gave up says nothing. */
export function outcomeOf(thrown: unknown, failureKinds: readonly ErrorKind[] = FAILURE_KINDS): Outcome {
  const kind = kindOf(thrown);
  if (kind === 'cancelled') return 'ignored';
  return failureKinds.includes(kind) ? 'failure' : 'success';
}

function kindOf(thrown: unknown): ErrorKind {
  if (isFlotillaError(thrown)) return thrown.kind;
  return thrown instanceof Error && thrown.name === 'AbortError' ? 'cancelled' : 'internal';
}
