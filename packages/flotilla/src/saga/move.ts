import type { SagaSignal, StepDirection } from '../store/index.ts';
import type { SagaReason } from './definition.ts';
import type { StepFailure } from './journal.ts';
import type { ChildStage, LockStage, WaitingStage } from './stage.ts';
import type { SagaStep } from './step.ts';

/** One attempt of one step, in one direction. */
export interface Attempt {
  readonly step: SagaStep;
  readonly direction: StepDirection;
  readonly attempt: number;
}

/** What can't go on without a person, and the journal line that an operator's act would answer. */
export interface Stuck {
  readonly code: string;
  readonly message: string;
  readonly at: { readonly step: string; readonly direction: StepDirection; readonly attempt: number } | undefined;
}

/** What a saga does next. */
export type Move =
  /** An attempt began and nobody knows how it ended: find out. */
  | ({ readonly kind: 'settle' } & Attempt)
  /** Begin attempts, all at once. A retry waits first: for half of `backoffMs`, and a random part of the other half. */
  | { readonly kind: 'attempt'; readonly attempts: readonly Attempt[]; readonly backoffMs: number }
  /** Begin to wait: for time, a signal, or the end of a child that starts now. */
  | { readonly kind: 'begin'; readonly stage: Exclude<WaitingStage, LockStage>; readonly attempt: number }
  /** Ask for a lock, for the first time or again. */
  | { readonly kind: 'lock'; readonly stage: LockStage; readonly isFirst: boolean }
  /** Nothing came yet: wait on, at most until then. */
  | { readonly kind: 'rest'; readonly name: string; readonly until: number | undefined }
  /** What the saga waited for is here. */
  | { readonly kind: 'receive'; readonly stage: WaitingStage; readonly attempt: number; readonly signal: SagaSignal }
  /** The time to wait is over. */
  | { readonly kind: 'time-over'; readonly stage: WaitingStage; readonly attempt: number }
  /** See to it that a child is undone, which may take its time. */
  | { readonly kind: 'undo-child'; readonly stage: ChildStage; readonly attempt: number }
  /** The child is undone. */
  | { readonly kind: 'child-undone'; readonly stage: ChildStage; readonly attempt: number; readonly signal: SagaSignal }
  /** From here on backward. */
  | { readonly kind: 'turn-back'; readonly reason: SagaReason }
  /** All is done, or undone: end the saga. */
  | { readonly kind: 'finish'; readonly attempt: number; readonly backoffMs: number; readonly skipHandler: boolean }
  | ({ readonly kind: 'stuck' } & Stuck);

/** What is known of an attempt whose process stopped. */
export const INTERRUPTED: StepFailure = {
  code: 'STEP_INTERRUPTED',
  kind: 'unavailable',
  message: 'The process that ran the step stopped before its outcome was known.',
  retry: true,
};

export function stuck(code: string, message: string): { kind: 'stuck' } & Stuck {
  return { kind: 'stuck', code, message, at: undefined };
}

export function stuckAt(at: NonNullable<Stuck['at']>, failure: StepFailure | undefined): Move {
  const { code, message } = failure ?? INTERRUPTED;
  return { ...stuck(code, message), at };
}
