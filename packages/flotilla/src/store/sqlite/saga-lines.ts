import type { JournalEntry } from '../saga-journal.ts';

/** A line of the journal by place. What there is of output and error comes last. */
type StoredLine = readonly [
  step: JournalEntry['step'],
  direction: JournalEntry['direction'],
  attempt: JournalEntry['attempt'],
  status: JournalEntry['status'],
  at: JournalEntry['at'],
  came?: Pick<JournalEntry, 'output' | 'error'>,
];

export function linesToText(entries: readonly JournalEntry[]): string {
  return JSON.stringify(entries.map(storedLine));
}

export function linesFromText(text: string): JournalEntry[] {
  // Written above.
  const lines = JSON.parse(text) as readonly StoredLine[];
  return lines.map(([step, direction, attempt, status, at, came]) => ({ step, direction, attempt, status, ...came, at }));
}

function storedLine({ step, direction, attempt, status, at, output, error }: JournalEntry): StoredLine {
  if (output === undefined && error === undefined) return [step, direction, attempt, status, at];
  return [step, direction, attempt, status, at, { output, error }];
}
