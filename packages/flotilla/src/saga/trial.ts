import type { StepDirection } from '../store/index.ts';
import { isOver, type Progress } from './journal.ts';
import type { Attempt, Move } from './move.ts';
import type { SagaStep } from './step.ts';

/** How long to wait before the next try; twice as long each time. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** How patient a saga is with a step. */
export interface Patience {
  readonly backoff: Backoff;
  /** Tries of a service that is away and certainly did nothing. */
  readonly triesWhileAway: number;
}

const ASKING: Backoff = { firstMs: 1_000, longestMs: 60_000 };

/** A saga that may still turn back waits some 15 s for a service that is away. */
export const BEFORE_TURNING: Patience = { backoff: { firstMs: 200, longestMs: 10_000 }, triesWhileAway: 8 };
/**
 * Where there is no way back, patience is worth more: giving up costs a person's time, and what is being deployed is away for a
 * while. Such a saga waits some half an hour before it asks a person.
 */
export const BEFORE_ASKING: Patience = { backoff: ASKING, triesWhileAway: 40 };

/** A step with what is known of it in one direction. */
export interface Trial {
  readonly step: SagaStep;
  readonly direction: StepDirection;
  readonly progress: Progress;
}

/**
 * What to do about steps that stand side by side: find out how attempts ended, then try those again that may be. `hopeless` is
 * the first that may not, and undefined when nothing is left to do.
 */
export function tryAll(trials: readonly Trial[], patience: Patience): { move?: Move; hopeless?: Trial } {
  const open = trials.filter(({ progress }) => !isOver(progress));
  if (open.length === 0) return {};
  const begun = open.find(({ progress }) => progress.last === 'started');
  if (begun) return { move: { kind: 'settle', ...attemptOf(begun, begun.progress.attempt) } };
  const hopeless = open.find((trial) => isHopeless(trial, patience));
  if (hopeless) return { hopeless };
  const attempts = open.map((trial) => attemptOf(trial, trial.progress.attempt + 1));
  const backoffs = open.map(({ progress }) => backoffMs(patience.backoff, progress.tries));
  return { move: { kind: 'attempt', attempts, backoffMs: Math.max(...backoffs) } };
}

export function backoffMs({ firstMs, longestMs }: Backoff, tries: number): number {
  return tries === 0 ? 0 : Math.min(longestMs, firstMs * 2 ** (tries - 1));
}

function attemptOf({ step, direction }: Trial, attempt: number): Attempt {
  return { step, direction, attempt };
}

function isHopeless({ step, direction, progress }: Trial, { triesWhileAway }: Patience): boolean {
  const refused = direction === 'run' && progress.last !== 'retried' && progress.failure?.retry === false;
  const tries = direction === 'run' ? step.attempts : step.compensations;
  return refused || progress.tries >= triesFor(progress, tries, triesWhileAway);
}

/** Tries of a service that is away and certainly did nothing cost nothing but time. A step that may not be repeated is not. */
function triesFor({ last, failure }: Progress, tries: number, triesWhileAway: number): number {
  const isAway = last === 'failed' && failure?.kind === 'unavailable';
  return isAway && tries > 1 ? Math.max(tries, triesWhileAway) : tries;
}
