import type { JournalEntry, SagaPhase, StepDirection } from '../store/index.ts';
import type { SagaDefinition, SagaReason, SagaStep } from './definition.ts';
import { END, foldJournal, type Progress, progressOf, type StepFailure, type StepProgress } from './journal.ts';

/** Where a saga stands: everything that decides what comes next. */
export interface Standing {
  /** Undefined when this process does not know the version the saga was started with. */
  readonly definition: SagaDefinition | undefined;
  readonly journal: readonly JournalEntry[];
  readonly phase: SagaPhase;
}

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

export type Move =
  /** An attempt began and nobody knows how it ended: find out. */
  | ({ readonly kind: 'settle' } & Attempt)
  /** Begin an attempt. A retry waits first: for half of `backoffMs`, and a random part of the other half. */
  | ({ readonly kind: 'attempt'; readonly backoffMs: number } & Attempt)
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

interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}
const RETRY: Backoff = { firstMs: 200, longestMs: 10_000 };
/** Where there is no way back, patience is worth more: giving up costs a person's time, and what is being deployed is away for a while. */
const UNDO: Backoff = { firstMs: 1_000, longestMs: 60_000 };
const END_TRIES = 5;
/** A saga that may still turn back waits some 15 s for a service that is away. */
const AWAY_BEFORE_TURNING = 8;
/** One that can only go on, or must undo, waits some half an hour before it asks a person. */
const AWAY_BEFORE_ASKING = 40;

/** Decides what a saga does next. Pure: the same journal leads every process, before and after a crash, to the same move. */
export function nextMove({ definition, journal, phase }: Standing): Move {
  if (!definition) {
    return stuck('UNKNOWN_SAGA_VERSION', 'This process does not know the version of the saga. Deploy one that does, then retry.');
  }
  const steps = foldJournal(journal);
  const known = new Map(definition.steps.map((step) => [step.name, step]));
  for (const name of steps.keys()) {
    if (name !== END && !known.has(name)) {
      return stuck(
        'UNKNOWN_STEP',
        `The journal tells of a step '${name}' that the saga no longer has. Bring it back, then retry.`,
      );
    }
  }
  return (phase === 'forward' ? forward(definition, steps) : backward(known, steps)) ?? finish(phase, steps);
}

/** Why the saga turned back, as its journal tells. */
export function turningReason(journal: readonly JournalEntry[]): SagaReason {
  const runs = journal.filter(({ step, direction }) => direction === 'run' && step !== END);
  const last = runs.at(-1);
  return reasonOf(last?.step ?? END, (last?.error as StepFailure | undefined) ?? INTERRUPTED);
}

function forward(definition: SagaDefinition, steps: ReadonlyMap<string, StepProgress>): Move | undefined {
  let pivotPassed = false;
  for (const step of definition.steps) {
    const { run } = progressOf(steps, step.name);
    const triesWhileAway = pivotPassed ? AWAY_BEFORE_ASKING : AWAY_BEFORE_TURNING;
    const backoff = pivotPassed ? UNDO : RETRY;
    if (run.last !== 'ok' && run.last !== 'skipped') {
      return (
        tryAgain({ step, direction: 'run', progress: run, tries: step.attempts, triesWhileAway, backoff }) ??
        giveUp(step, run, pivotPassed)
      );
    }
    pivotPassed ||= step.pivot;
  }
  return undefined;
}

/** Turning back is safe only while everything that happened, or may have, can be undone. */
function giveUp(step: SagaStep, run: Progress, pivotPassed: boolean): Move {
  const failure = run.failure ?? INTERRUPTED;
  const pointOfNoReturn = step.pivot && run.effects.size > 0 && !step.compensate;
  if (!pivotPassed && !pointOfNoReturn) return { kind: 'turn-back', reason: reasonOf(step.name, failure) };
  return { ...stuck(failure.code, failure.message), at: { step: step.name, direction: 'run', attempt: run.attempt } };
}

function backward(known: ReadonlyMap<string, SagaStep>, steps: ReadonlyMap<string, StepProgress>): Move | undefined {
  for (const [name, { run, compensate }] of [...steps].reverse()) {
    const step = known.get(name);
    if (!step?.compensate || run.effects.size === 0) continue;
    if (compensate.last === 'ok' || compensate.last === 'skipped') continue;
    const tries = { tries: step.compensations, triesWhileAway: AWAY_BEFORE_ASKING, backoff: UNDO };
    const again = { step, direction: 'compensate', progress: compensate, ...tries } as const;
    return tryAgain(again) ?? stuckAt(name, 'compensate', compensate);
  }
  return undefined;
}

function finish(phase: SagaPhase, steps: ReadonlyMap<string, StepProgress>): Move {
  const direction = phase === 'forward' ? 'run' : 'compensate';
  const end = progressOf(steps, END)[direction];
  const skipHandler = end.last === 'skipped';
  // An end handler is journalled only when it fails: one that works commits with the end of the saga itself.
  if (end.tries >= END_TRIES && !skipHandler) return stuckAt(END, direction, end);
  return { kind: 'finish', attempt: end.attempt + 1, backoffMs: skipHandler ? 0 : backoffMs(UNDO, end.tries), skipHandler };
}

interface Trial {
  readonly step: SagaStep;
  readonly direction: StepDirection;
  readonly progress: Progress;
  readonly tries: number;
  readonly triesWhileAway: number;
  readonly backoff: Backoff;
}

function tryAgain(trial: Trial): Move | undefined {
  const { step, direction, progress, backoff } = trial;
  if (progress.last === 'started') return { kind: 'settle', step, direction, attempt: progress.attempt };
  const hopeless = direction === 'run' && progress.last !== 'retried' && progress.failure?.retry === false;
  if (hopeless || progress.tries >= triesFor(progress, trial)) return undefined;
  return { kind: 'attempt', step, direction, attempt: progress.attempt + 1, backoffMs: backoffMs(backoff, progress.tries) };
}

/** Tries of a service that is away and certainly did nothing cost nothing but time. A step that may not be repeated is not. */
function triesFor({ last, failure }: Progress, { tries, triesWhileAway }: Trial): number {
  const isAway = last === 'failed' && failure?.kind === 'unavailable';
  return isAway && tries > 1 ? Math.max(tries, triesWhileAway) : tries;
}

function backoffMs({ firstMs, longestMs }: Backoff, tries: number): number {
  return tries === 0 ? 0 : Math.min(longestMs, firstMs * 2 ** (tries - 1));
}

function stuck(code: string, message: string): { kind: 'stuck' } & Stuck {
  return { kind: 'stuck', code, message, at: undefined };
}

function stuckAt(step: string, direction: StepDirection, progress: Progress): Move {
  const { code, message } = progress.failure ?? INTERRUPTED;
  return { ...stuck(code, message), at: { step, direction, attempt: progress.attempt } };
}

function reasonOf(step: string, { code, message }: StepFailure): SagaReason {
  return { step, code, message };
}
