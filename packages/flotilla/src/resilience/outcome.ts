import { type ErrorKind, isFlotillaError } from '../kernel/index.ts';
import { DEFAULTS } from './defaults.ts';

/** What one call says about the health of what was called; `ignored` says nothing. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** What is no Flotilla error counts as `internal`; work that its caller gave up says nothing. */
export function outcomeOf(thrown: unknown, failureKinds: readonly ErrorKind[] = DEFAULTS.breaker.failureKinds): Outcome {
  const kind = kindOf(thrown);
  if (kind === 'cancelled') return 'ignored';
  return failureKinds.includes(kind) ? 'failure' : 'success';
}

function kindOf(thrown: unknown): ErrorKind {
  if (isFlotillaError(thrown)) return thrown.kind;
  return thrown instanceof Error && thrown.name === 'AbortError' ? 'cancelled' : 'internal';
}
