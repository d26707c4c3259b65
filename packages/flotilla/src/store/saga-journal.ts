export type StepDirection = 'run' | 'compensate';

/**
 * What is known of an attempt: `started` only, or how it ended; `unknown` means the effect may or may not have happened. An
 * operator leaves `skipped` (count the step as done), `retried` (count its tries afresh), or an `ok` with the output they say.
 */
export type StepStatus = 'started' | 'ok' | 'failed' | 'unknown' | 'skipped' | 'retried';

/** One line of a saga's insert-only journal. Values that JSON leaves out are not kept. */
export interface JournalEntry {
  readonly step: string;
  readonly direction: StepDirection;
  /** From 1. */
  readonly attempt: number;
  readonly status: StepStatus;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly at: number;
}
