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
  /** A command of the attempt was refused, and stays refused under the key that it came with. */
  readonly refused?: true;
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
  readonly effects: readonly number[];
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
  effects: [],
};

const UNTOUCHED: StepProgress = { run: NOT_BEGUN, compensate: NOT_BEGUN };

/** Steps by name, in the order in which they began. */
export function foldJournal(journal: readonly JournalEntry[]): StepsProgress {
  const steps = new Map<string, StepProgress>();
  for (const entry of journal) {
    const { run, compensate } = progressOf(steps, entry.step);
    if (entry.direction === 'run') steps.set(entry.step, { run: evolve(run, entry), compensate });
    else steps.set(entry.step, { run, compensate: evolve(compensate, entry) });
  }
  return steps;
}

/** What is known of a step, which may not have begun. */
export function progressOf(steps: StepsProgress, step: string): StepProgress {
  return steps.get(step) ?? UNTOUCHED;
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

/** How many attempts of one direction of a step were refused for good. */
export function refusalsOf(journal: readonly JournalEntry[], step: string, direction: StepDirection): number {
  const isOne = (entry: JournalEntry): boolean =>
    entry.step === step && entry.direction === direction && (entry.error as StepFailure | undefined)?.refused === true;
  return journal.filter(isOne).length;
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

function evolve({ tries, begun, effects }: Progress, { attempt, status, output, error }: JournalEntry): Progress {
  const isStart = status === 'started';
  return {
    attempt,
    tries: isStart ? tries + 1 : status === 'retried' ? 0 : tries,
    last: status,
    begun: isStart ? output : begun,
    failure: error as StepFailure | undefined,
    effects: effectsAfter(effects, attempt, status),
  };
}

function effectsAfter(effects: readonly number[], attempt: number, status: StepStatus): readonly number[] {
  // It certainly did nothing. What is known of earlier attempts stands: one of them may have.
  if (status === 'failed') return effects.filter((earlier) => earlier !== attempt);
  const mayBeNew = status === 'started' || status === 'ok';
  return mayBeNew && !effects.includes(attempt) ? [...effects, attempt] : effects;
}

/** Why something went wrong, in one line: `charge-payment: CARD_DECLINED: The card was declined.` */
export function reasonText({ step, code, message }: { step: string | undefined; code: string; message: string }): string {
  return `${step === undefined ? '' : `${step}: `}${code}: ${message}`;
}
