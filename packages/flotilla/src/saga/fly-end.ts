import type { SagaStatus } from '../store/index.ts';
import { tellParent } from './child.ts';
import type { Flight, GoesOn } from './flight.ts';
import { type JointWrite, Refused, unitWrite } from './joint-write.ts';
import { END, reasonText, turningReason, wasCancelled } from './journal.ts';
import type { Move, Stuck } from './move.ts';
import { failureOf } from './outcome.ts';
import { actsFor } from './repair-act.ts';
import { appendSagaEvent, nameOf } from './saga-event.ts';

/** Ends the saga, with what the service writes because of it. */
export async function finish(flight: Flight, { attempt, skipHandler }: Extract<Move, { kind: 'finish' }>): Promise<GoesOn> {
  const { bench, draft } = flight;
  const { status, direction } = endOf(flight);
  const writes = [skipHandler ? undefined : endWrite(flight), newsOf(flight, status)].filter((write) => write !== undefined);
  try {
    return !(await draft.save({ set: { status }, writes, release: true }));
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    const line = { step: END, direction, attempt };
    bench.log.warn({ direction, attempt, err: thrown.cause }, 'the end of a saga was refused');
    draft.note({ ...line, status: 'started' }, { ...line, status: 'failed', error: failureOf(thrown.cause) });
    return true;
  }
}

function endOf({ draft }: Flight): { status: SagaStatus; direction: 'run' | 'compensate' } {
  if (draft.phase === 'forward') return { status: 'done', direction: 'run' };
  return { status: wasCancelled(draft.journal) ? 'cancelled' : 'compensated', direction: 'compensate' };
}

function endWrite({ bench, draft, definition }: Flight): JointWrite | undefined {
  const { row, phase, journal, told } = draft;
  if (phase === 'forward') {
    const done = definition?.onDone;
    return done && unitWrite(bench, row, (unit) => done(unit, told));
  }
  const compensated = definition?.onCompensated;
  const reason = turningReason(journal);
  return compensated && unitWrite(bench, row, (unit) => compensated(unit, { ...told, ...(reason && { reason }) }));
}

function newsOf({ draft }: Flight, status: SagaStatus): JointWrite | undefined {
  const { row: saga, journal } = draft;
  return saga.parent && ((tx) => tellParent(tx, { saga, status, journal, at: draft.now() }));
}

/** Ends the episode with exactly one alert: the event commits with the status. */
export async function alert({ bench, draft }: Flight, { at, code, message }: Stuck): Promise<GoesOn> {
  const { runtime, log } = bench;
  const saga = draft.row;
  const reason = reasonText({ step: at?.step, code, message });
  const data = { ...nameOf(saga), step: at?.step, code, message, acts: actsFor(at) };
  const write: JointWrite = (tx) => appendSagaEvent(tx, { saga, event: { type: 'saga.stuck', data }, runtime });
  const saved = await draft.save({ set: { status: 'stuck', reason }, writes: [write], release: true });
  if (saved) log.error(data, `saga ${saga.kind} is stuck at ${reason} See 'flotilla sagas show ${saga.id}'.`);
  return !saved;
}
