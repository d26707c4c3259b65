import { check, describeIssues } from '../contract/index.ts';
import { copyJson, durationMs } from '../kernel/index.ts';
import type { SagaSignal } from '../store/index.ts';
import { type ChildEnd, startChild } from './child.ts';
import { type Flight, type GoesOn, letGo, NEVER } from './flight.ts';
import { type JointWrite, own, Refused } from './joint-write.ts';
import type { StepFailure } from './journal.ts';
import type { Move } from './move.ts';
import { failureOf } from './outcome.ts';
import type { Change, Line } from './saga-draft.ts';
import { appendSagaEvent, nameOf } from './saga-event.ts';
import type { LockStage, SleepStage, WaitStage } from './stage.ts';
import type { Begun } from './waiting-move.ts';

type MoveOf<TKind extends Move['kind']> = Extract<Move, { kind: TKind }>;

/** Writes down what the saga waits for, and lets go of it until then. */
export async function begin(flight: Flight, { stage, attempt }: MoveOf<'begin'>): Promise<GoesOn> {
  const { draft } = flight;
  const line: Line = { step: stage.name, direction: 'run', attempt, status: 'started' };
  try {
    if (stage.kind === 'wait' && isPassedOver(flight, stage)) {
      draft.note(line, { ...line, status: 'skipped' });
      return true;
    }
    const { begun, write } = beginning(flight, stage);
    const set = { status: 'waiting', wakeAt: begun.until ?? NEVER, awaits: stage.name } as const;
    return !(await draft.save({ lines: [{ ...line, output: begun }], set, writes: write ? [write] : [], release: true }));
  } catch (thrown) {
    return refused(flight, line, thrown);
  }
}

function isPassedOver({ draft }: Flight, { when }: WaitStage): boolean {
  return when !== undefined && !own(() => when(draft.told));
}

function beginning(flight: Flight, stage: MoveOf<'begin'>['stage']): { begun: Begun; write?: JointWrite } {
  const { draft } = flight;
  switch (stage.kind) {
    case 'sleep':
      return { begun: { until: draft.now() + lengthOf(flight, stage) } };
    case 'wait':
      return { begun: stage.timeoutMs === undefined ? {} : { until: draft.now() + stage.timeoutMs } };
    case 'child': {
      const { id, write } = startChild(flight.bench, stage, draft);
      return { begun: { child: id }, write };
    }
  }
}

function lengthOf({ draft }: Flight, { length }: SleepStage): number {
  return own(() => durationMs(length(draft.told)));
}

/** The service's own code would not have it: the step failed. */
function refused({ draft }: Flight, line: Line, thrown: unknown): GoesOn {
  if (!(thrown instanceof Refused)) throw thrown;
  const error: StepFailure = { ...failureOf(thrown.cause), retry: false };
  draft.note(line, { ...line, status: 'failed', error });
  return true;
}

/** Goes on at once with a lock that is free; else lets go until it is. */
export async function lock(flight: Flight, { stage, isFirst }: MoveOf<'lock'>): Promise<GoesOn> {
  const { draft } = flight;
  const line: Line = { step: stage.name, direction: 'run', attempt: 1, status: 'started' };
  const begun = isFirst ? [line] : [];
  let held = false;
  try {
    const resource = resourceOf(flight, stage);
    const written = await draft.save(async (tx): Promise<Change> => {
      held = await tx.sagas.lock(resource, draft.row.id);
      if (held) return { lines: [...begun, { ...line, status: 'ok' }] };
      return { lines: begun, set: { status: 'waiting', wakeAt: NEVER, awaits: stage.name }, release: true };
    });
    return held || !written;
  } catch (thrown) {
    return refused(flight, line, thrown);
  }
}

function resourceOf({ draft }: Flight, { resource }: LockStage): string {
  return own(() => resource(draft.told));
}

/** Nothing came yet. */
export async function rest(flight: Flight, { name, until }: MoveOf<'rest'>): Promise<GoesOn> {
  return await letGo(flight, { until: until ?? NEVER, awaits: name });
}

/** Takes what the saga waited for. */
export async function receive(flight: Flight, { stage, attempt, signal }: MoveOf<'receive'>): Promise<GoesOn> {
  const { draft } = flight;
  const line = { step: stage.name, direction: 'run', attempt } as const;
  draft.take(signal);
  if (stage.kind === 'wait') draft.note({ ...line, ...(await read(stage, signal)) });
  else draft.note({ ...line, ...childResult(signal) });
  return true;
}

type Read = Pick<Line, 'status' | 'output' | 'error'>;

async function read({ name, schema }: WaitStage, { data }: SagaSignal): Promise<Read> {
  const verdict = await check(schema, data);
  if (verdict.ok) return { status: 'ok', output: copyJson(verdict.value) };
  const message = `What was signalled as ${name} does not fit: ${describeIssues(verdict.issues)}.`;
  return { status: 'failed', error: { code: 'INVALID_SIGNAL', kind: 'invalid', message, retry: false } satisfies StepFailure };
}

function childResult({ data }: SagaSignal): Read {
  // Signalled by `tellParent` from exactly this type.
  const { status, results, reason } = data as ChildEnd;
  if (status === 'done') return { status: 'ok', output: results };
  const message = `The child saga was ${status}${reason === undefined ? '' : `: ${reason}`}`;
  return {
    status: 'failed',
    error: { code: 'CHILD_TURNED_BACK', kind: 'conflict', message, retry: false } satisfies StepFailure,
  };
}

/** The time to wait is over: time has passed as it should, or somebody did not come. */
export function timeOver(flight: Flight, { stage, attempt }: MoveOf<'time-over'>): GoesOn {
  const { draft } = flight;
  const line = { step: stage.name, direction: 'run', attempt } as const;
  if (stage.kind !== 'wait') draft.note({ ...line, status: 'ok' });
  else {
    const message = `Nobody signalled ${stage.name} in time.`;
    const error: StepFailure = { code: 'WAIT_TIMEOUT', kind: 'timeout', message, retry: false };
    const end: Line = stage.onTimeout === 'go-on' ? { ...line, status: 'ok' } : { ...line, status: 'failed', error };
    draft.noteWith(end, stage.alert ? overdue(flight, stage, message) : undefined);
  }
  return true;
}

/** Exactly one alert: it commits with the line that says the time is over. */
function overdue({ bench: { runtime, log }, draft }: Flight, { name, timeoutMs = 0 }: WaitStage, message: string): JointWrite {
  const saga = draft.row;
  const data = { ...nameOf(saga), step: name, waitedMs: timeoutMs };
  return async (tx) => {
    await appendSagaEvent(tx, { saga, event: { type: 'saga.overdue', data }, runtime });
    tx.afterCommit(() => log.error(data, `saga ${saga.kind}: ${message} See 'flotilla sagas show ${saga.id}'.`));
  };
}
