import type { ErrorKind } from '../kernel/index.ts';
import type { JournalEntry, StepDirection, StepStatus } from '../store/index.ts';

/** How an attempt that did not succeed ended, as the journal keeps it. */
export interface StepFailure {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** False when the same attempt would only fail again. */
  readonly retry: boolean;
}

/** Where the end handlers of a saga are journalled; steps can't take the name. */
export const END = '$end';

/** How far one direction of one step has come: the fold of its journal lines. */
export interface Progress {
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts since the beginning, or since an operator granted fresh ones. */
  readonly tries: number;
  readonly last: StepStatus | undefined;
  readonly output: unknown;
  readonly failure: StepFailure | undefined;
  /** Attempts that took effect, or may have. */
  readonly effects: ReadonlySet<number>;
}

/** What a journal says about one step, in both directions. */
export type StepProgress = Readonly<Record<StepDirection, Progress>>;

const NOT_BEGUN: Progress = {
  attempt: 0,
  tries: 0,
  last: undefined,
  output: undefined,
  failure: undefined,
  effects: new Set(),
};

/** Steps by name, in the order in which they began. */
export function foldJournal(journal: readonly JournalEntry[]): ReadonlyMap<string, StepProgress> {
  const steps = new Map<string, StepProgress>();
  for (const entry of journal) {
    const step = progressOf(steps, entry.step);
    steps.set(entry.step, { ...step, [entry.direction]: evolve(step[entry.direction], entry) });
  }
  return steps;
}

/** What is known of a step, which may not have begun. */
export function progressOf(steps: ReadonlyMap<string, StepProgress>, step: string): StepProgress {
  return steps.get(step) ?? { run: NOT_BEGUN, compensate: NOT_BEGUN };
}

/** What the steps so far returned, by step name. */
export function resultsOf(journal: readonly JournalEntry[]): Record<string, unknown> {
  const ok = journal.filter(({ direction, status }) => direction === 'run' && status === 'ok');
  return Object.fromEntries(ok.map(({ step, output }) => [step, output]));
}

function evolve(before: Progress, { attempt, status, output, error }: JournalEntry): Progress {
  const after = { ...before, attempt, last: status, output, failure: error as StepFailure | undefined };
  switch (status) {
    case 'started':
      return { ...after, tries: before.tries + 1, effects: new Set([...before.effects, attempt]) };
    case 'failed':
      // This attempt certainly did nothing. What is known of earlier ones stands: one of them may have.
      return { ...after, effects: new Set([...before.effects].filter((earlier) => earlier !== attempt)) };
    case 'retried':
      return { ...after, tries: 0 };
    case 'ok':
    case 'unknown':
    case 'skipped':
      return after;
  }
}

/** Why something went wrong, in one line: `charge-payment: CARD_DECLINED: The card was declined.` */
export function reasonText({ step, code, message }: { step: string | undefined; code: string; message: string }): string {
  return `${step === undefined ? '' : `${step}: `}${code}: ${message}`;
}
