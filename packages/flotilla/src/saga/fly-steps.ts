import type { Unit } from '../log/index.ts';
import { attemptStep, settleStep, type StepWork } from './attempt-step.ts';
import { type Flight, type GoesOn, handBack } from './flight.ts';
import { type JointWrite, unitWrite } from './joint-write.ts';
import { type Attempt, INTERRUPTED } from './move.ts';
import type { Outcome } from './outcome.ts';
import type { Line } from './saga-draft.ts';

/** Finds out how an attempt ended that began before a crash. */
export async function settle(flight: Flight, attempt: Attempt): Promise<GoesOn> {
  if (!flight.hold.mayStart()) return await handBack(flight);
  const unknown = { status: 'unknown', failure: INTERRUPTED } as const;
  note(flight, attempt, await settleStep(flight.bench, workOf(flight, attempt), unknown));
  return true;
}

/** Writes down that attempts begin, then makes them. */
export async function attempt(flight: Flight, attempts: readonly Attempt[]): Promise<GoesOn> {
  if (!flight.hold.mayStart()) return await handBack(flight);
  if (await flight.draft.save({ lines: attempts.map(startLine) })) await makeAttempts(flight, attempts);
  return true;
}

/** Makes attempts that are written down already. */
export async function makeAttempts(flight: Flight, attempts: readonly Attempt[]): Promise<void> {
  const make = (one: Attempt): Promise<Outcome> => attemptStep(flight.bench, workOf(flight, one));
  const outcomes = await Promise.all(attempts.map(make));
  for (const [index, one] of attempts.entries()) note(flight, one, outcomes[index]!);
}

/** Intent before effect: this line is on disk before the step runs. */
export function startLine(attempt: Attempt): Line {
  return { ...lineOf(attempt), status: 'started' };
}

function note({ bench, draft, hold }: Flight, attempt: Attempt, outcome: Outcome): void {
  // After a lost claim nothing that is learned here counts; after a stop the next owner finds out.
  hold.signal.throwIfAborted();
  const line = { ...lineOf(attempt), status: outcome.status };
  if (outcome.status === 'ok') {
    draft.noteWith({ ...line, output: outcome.output }, writeOf({ bench, draft }, attempt, outcome.output));
  } else {
    draft.note({ ...line, error: outcome.failure });
  }
}

function writeOf(
  { bench, draft }: Pick<Flight, 'bench' | 'draft'>,
  { step, direction }: Attempt,
  output: unknown,
): JointWrite | undefined {
  const { commit, undone } = step;
  if (!(direction === 'run' ? commit : undone)) return undefined;
  // What the service is told is what was known before this line.
  const { told } = draft;
  const write = direction === 'run' ? (unit: Unit) => commit!(output, unit, told) : (unit: Unit) => undone!(unit, told);
  return unitWrite(bench, draft.row, write);
}

function workOf({ draft, definition, hold }: Flight, attempt: Attempt): StepWork {
  const { row: saga, journal } = draft;
  return { ...attempt, saga, journal, calls: definition?.calls ?? {}, signal: hold.signal };
}

function lineOf({ step, direction, attempt }: Attempt): Omit<Line, 'status'> {
  return { step: step.name, direction, attempt };
}
