import type { ErrorKind } from '../kernel/index.ts';
import type { JournalEntry, StepDirection, StepStatus } from '../store/index.ts';
import type { SagaReason } from './definition.ts';

/** How an attempt that did not succeed ended, as the journal keeps it. */
export interface StepFailure {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** False when the same attempt would only fail again. */
  readonly retry: boolean;
  /** What was behind an error that nobody foresaw. */
  readonly cause?: string | undefined;
}

// Lines of the journal's own; steps can't take names that start with $.

/** The end handlers. */
export const END = '$end';
/** Why the saga turned back. */
export const TURN = '$turn';
/** Turned back because somebody cancelled it. */
export const CANCEL = '$cancel';

export function isStepName(name: string): boolean {
  return !name.startsWith('$');
}

/** How far one direction of one step has come: the fold of its journal lines. */
export interface Progress {
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts since the beginning, or since an operator granted fresh ones. */
  readonly tries: number;
  readonly last: StepStatus | undefined;
  /** What was noted when the latest attempt began. */
  readonly begun: unknown;
  readonly failure: StepFailure | undefined;
  /** Attempts that took effect, or may have. */
  readonly effects: ReadonlySet<number>;
}

/** What a journal says about one step, in both directions. */
export type StepProgress = Readonly<Record<StepDirection, Progress>>;
export type StepsProgress = ReadonlyMap<string, StepProgress>;

const NOT_BEGUN: Progress = {
  attempt: 0,
  tries: 0,
  last: undefined,
  begun: undefined,
  failure: undefined,
  effects: new Set(),
};

/** Steps by name, in the order in which they began. */
export function foldJournal(journal: readonly JournalEntry[]): StepsProgress {
  const steps = new Map<string, StepProgress>();
  for (const entry of journal) {
    const step = progressOf(steps, entry.step);
    steps.set(entry.step, { ...step, [entry.direction]: evolve(step[entry.direction], entry) });
  }
  return steps;
}

/** What is known of a step, which may not have begun. */
export function progressOf(steps: StepsProgress, step: string): StepProgress {
  return steps.get(step) ?? { run: NOT_BEGUN, compensate: NOT_BEGUN };
}

/** True when this direction of the step needs nothing more. */
export function isOver({ last }: Progress): boolean {
  return last === 'ok' || last === 'skipped';
}

/** What the steps so far returned, by step name. */
export function resultsOf(journal: readonly JournalEntry[]): Record<string, unknown> {
  const ok = journal.filter(({ step, direction, status }) => direction === 'run' && status === 'ok' && isStepName(step));
  return Object.fromEntries(ok.map(({ step, output }) => [step, output]));
}

/** Why the saga turned back; undefined when it did not. */
export function turningReason(journal: readonly JournalEntry[]): SagaReason | undefined {
  const turn = journal.find(({ step }) => step === TURN || step === CANCEL);
  // `turnLine` writes exactly this.
  return turn?.error as SagaReason | undefined;
}

/** The line that says why a saga turns back. */
export function turnLine(name: typeof TURN | typeof CANCEL, reason: SagaReason): Omit<JournalEntry, 'at'> {
  return { step: name, direction: 'run', attempt: 1, status: 'failed', error: reason };
}

export function wasCancelled(journal: readonly JournalEntry[]): boolean {
  return journal.some(({ step }) => step === CANCEL);
}

function evolve(before: Progress, { attempt, status, output, error }: JournalEntry): Progress {
  const after = { ...before, attempt, last: status, failure: error as StepFailure | undefined };
  const withEffect = before.effects.has(attempt) ? before.effects : new Set([...before.effects, attempt]);
  switch (status) {
    case 'started':
      return { ...after, begun: output, tries: before.tries + 1, effects: withEffect };
    case 'failed':
      // This attempt certainly did nothing. What is known of earlier ones stands: one of them may have.
      return { ...after, effects: new Set([...before.effects].filter((earlier) => earlier !== attempt)) };
    case 'retried':
      return { ...after, tries: 0 };
    case 'ok':
      return { ...after, effects: withEffect };
    case 'unknown':
    case 'skipped':
      return after;
  }
}

/** Why something went wrong, in one line: `charge-payment: CARD_DECLINED: The card was declined.` */
export function reasonText({ step, code, message }: { step: string | undefined; code: string; message: string }): string {
  return `${step === undefined ? '' : `${step}: `}${code}: ${message}`;
}
