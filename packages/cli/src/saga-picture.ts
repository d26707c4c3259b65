import type { JournalEntry, StepStatus } from 'flotilla/store';
import { type FoundSaga, stateText } from './sagas.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { dateTime, lengthOfTime, timeOfDay } from './time-text.ts';

type Style = Terminal['style'];

const MARKS: Record<StepStatus, readonly [mark: string, style: Parameters<Style>[0]]> = {
  started: ['…', 'cyan'],
  ok: ['✔', 'green'],
  failed: ['✖', 'red'],
  unknown: ['?', 'yellow'],
  skipped: ['»', 'yellow'],
  retried: ['↻', 'yellow'],
};

/** The journal's own lines. */
const OWN_LINES: Readonly<Record<string, string>> = { $end: 'end', $turn: 'turned back', $cancel: 'cancelled' };

/** A saga for people: what it is, and its journal as a line of steps with every attempt. */
export function drawSaga({ service, saga, journal, signals }: FoundSaga, style: Style): string {
  const { kind, id, key, reason, at, correlationId } = saga;
  const changedAt = Math.max(saga.updatedAt, ...journal.map((entry) => entry.at));
  const facts = [
    ['id', id],
    ['key', key],
    ['started', `${dateTime(at)}, last change after ${lengthOfTime(changedAt - at)}`],
    ['correlation', correlationId],
    ...(saga.parent ? [['parent', `${saga.parent.kind} ${saga.parent.id}, step ${saga.parent.step}`]] : []),
    ...(saga.awaits ? [['waits for', saga.awaits]] : []),
    ...(signals ?? []).map(({ name, data }) => ['signal', `${name} ${JSON.stringify(data)}`]),
    ...(reason ? [['reason', reason]] : []),
  ];
  return [
    `${style('bold', kind)} of ${service}: ${stateText(saga, style)}`,
    ...table(facts).map((line) => `  ${line}`),
    '',
    ...stepsOf(journal).flatMap((step) => drawStep(step, style)),
    `  ╰─ ${stateText(saga, style)}`,
  ].join('\n');
}

/** Neighbouring lines of one step in one direction. */
function stepsOf(journal: readonly JournalEntry[]): JournalEntry[][] {
  const steps: JournalEntry[][] = [];
  for (const entry of journal) {
    const last = steps.at(-1)?.[0];
    if (last?.step === entry.step && last.direction === entry.direction) steps.at(-1)!.push(entry);
    else steps.push([entry]);
  }
  return steps;
}

function drawStep(entries: readonly JournalEntry[], style: Style): string[] {
  const { step, direction } = entries[0]!;
  const title = direction === 'compensate' ? `undo ${step}` : (OWN_LINES[step] ?? step);
  const isOver = (entry: JournalEntry): boolean =>
    entry.status === 'started' && entries.some(({ attempt, status }) => attempt === entry.attempt && status !== 'started');
  const rows = entries
    .filter((entry) => !isOver(entry))
    .map((entry) => {
      const begun = entries.find(({ attempt, status }) => attempt === entry.attempt && status === 'started');
      const took = begun && begun !== entry ? lengthOfTime(entry.at - begun.at) : '';
      const [mark, colour] = MARKS[entry.status];
      return [
        style(colour, mark),
        timeOfDay(begun?.at ?? entry.at),
        `#${entry.attempt}`,
        entry.status,
        took,
        errorText(entry.error),
      ];
    });
  return [`  ├─ ${style('bold', title)}`, ...table(rows).map((line) => `  │    ${line}`)];
}

function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  const said = [code, message].filter((part) => typeof part === 'string').join(': ');
  return typeof cause === 'string' ? `${said} Because of ${cause}` : said;
}
