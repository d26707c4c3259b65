import type { JournalEntry, SagaStatus, StepDirection, StepStatus } from '../../store/index.ts';
import type { Report, Scenario } from './run.ts';
import { isLeg, SIDE_BY_SIDE } from './voyage.ts';

/** Everything about a run that breaks a promise, in words; empty when all were kept. */
export function brokenPromises(scenario: Scenario, report: Report): string[] {
  return [
    ...happensOnce(report),
    ...endsWell(scenario, report),
    ...undoesInReverse(report),
    ...obeysTheFence(report),
    ...logAgreesWithJournal(report),
  ];
}

/** E1: each direction of each step takes effect at most once, under one idempotency key. */
function happensOnce({ effects }: Report): string[] {
  const counts = new Map<string, number>();
  for (const { step, direction } of effects) counts.set(`${direction} ${step}`, (counts.get(`${direction} ${step}`) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([what, count]) => `E1: '${what}' took effect ${count} times`);
}

/**
 * E2 and E7: an acknowledged saga is never lost and ends as it may; each time it got stuck, or nobody came in time, there was exactly
 * one alert.
 */
function endsWell({ ends }: Scenario, { saga, journal, events, repairs }: Report): string[] {
  if (!saga) return ['E7: the saga is lost'];
  const episodes = repairs + (saga.status === 'stuck' ? 1 : 0);
  const alerts = events.filter(({ type }) => type === 'saga.stuck').length;
  const missed = journal.filter(isMissedWait).length;
  const overdue = events.filter(({ type }) => type === 'saga.overdue').length;
  return [
    ...(overdue === missed ? [] : [`E2: ${overdue} alerts for ${missed} waits in vain`]),
    ...(ends.includes(saga.status) ? [] : [`E2: it ended ${saga.status} (${saga.reason}), not ${ends.join(' or ')}`]),
    ...(alerts === episodes ? [] : [`E2: ${alerts} alerts for ${episodes} times stuck`]),
  ];
}

/** The line of a wait; the line of the turn that follows has the same code. */
function isMissedWait({ step, error }: JournalEntry): boolean {
  return !step.startsWith('$') && (error as { code: string } | undefined)?.code === 'WAIT_TIMEOUT';
}

/** E3: what was done, or may have been, is undone in exactly the reverse order; what certainly failed is left alone. */
function undoesInReverse({ saga, journal, effects }: Report): string[] {
  const begun = unique(
    journal.filter(({ direction, status }) => direction === 'run' && status === 'started').map(({ step }) => step),
  ).filter(isLeg);
  const undone = effects.filter(({ direction }) => direction === 'compensate').map(({ step }) => step);
  const reversed = begun.filter((step) => undone.includes(step)).reverse();
  const order = sameOrder(undone, reversed) ? [] : [`E3: undone in the order ${undone.join(', ')}, not ${reversed.join(', ')}`];

  const stands = (step: string): boolean => effects.findLast((effect) => effect.step === step)?.direction === 'run';
  const skipped = (step: string): boolean => journal.some((entry) => entry.step === step && entry.status === 'skipped');
  const possible = (step: string): boolean => journal.some((entry) => entry.step === step && mayHaveHappened(journal, entry));
  const undoing = [...begun.filter(stands), ...undone.filter((step) => !possible(step))];
  const wrong: Partial<Record<SagaStatus, string[]>> = {
    compensated: undoing,
    cancelled: undoing,
    done: [...begun.filter((step) => !stands(step) && !skipped(step)), ...undone],
  };
  const list = (saga && wrong[saga.status]) ?? [];
  return [...order, ...(list.length > 0 ? [`E3: ${saga!.status}, but ${list.join(', ')} is not`] : [])];
}

/** Steps side by side are undone side by side, in any order among themselves. */
function sameOrder(undone: readonly string[], reversed: readonly string[]): boolean {
  const ranked = (steps: readonly string[]): string[] => steps.map((step) => (SIDE_BY_SIDE.has(step) ? 'beside' : step));
  return same(ranked(undone), ranked(reversed)) && same(undone.toSorted(), reversed.toSorted());
}

function mayHaveHappened(journal: readonly JournalEntry[], { step, direction, attempt }: JournalEntry): boolean {
  if (direction !== 'run') return false;
  const outcome = journal.findLast((entry) => entry.step === step && entry.direction === 'run' && entry.attempt === attempt);
  return outcome?.status !== 'failed';
}

/** E4: no write with a lower fence lands after one with a higher, to the same saga. */
function obeysTheFence({ accepted }: Report): string[] {
  const highest = new Map<string, number>();
  return accepted.flatMap(({ saga, fence }) => {
    const before = highest.get(saga) ?? 0;
    highest.set(saga, Math.max(before, fence));
    return fence < before ? [`E4: a write with fence ${fence} landed after one with a higher fence`] : [];
  });
}

/** E5 and E6: what a step wrote and published is there exactly if the journal says the step succeeded, and in its order. */
function logAgreesWithJournal({ saga, journal, events }: Report): string[] {
  const published = (type: string): string[] =>
    events.filter((event) => event.type === type).map(({ data }) => (data as { step?: string }).step ?? 'end');
  const succeeded = (direction: StepDirection, status: StepStatus): string[] =>
    journal
      .filter((entry) => entry.direction === direction && entry.status === status)
      .map(({ step }) => step)
      .filter(isLeg);
  const pairs: [string, string[]][] = [
    ['Loaded', succeeded('run', 'ok')],
    ['Unloaded', succeeded('compensate', 'ok')],
    ['Arrived', saga?.status === 'done' ? ['end'] : []],
    ['Returned', saga?.status === 'compensated' || saga?.status === 'cancelled' ? ['end'] : []],
  ];
  return pairs
    .filter(([type, expected]) => !sameOrder(published(type), expected))
    .map(
      ([type, expected]) =>
        `E5/E6: published ${type} for [${published(type).join(', ')}], but the journal says [${expected.join(', ')}]`,
    );
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
