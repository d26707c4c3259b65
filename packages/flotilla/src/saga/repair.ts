import { copyJson, FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaChange, SagaRow, SagaStatus } from '../store/index.ts';
import { tellParent } from './child.ts';
import type { FindDefinition } from './flight.ts';
import type { SagaDesk } from './joint-write.ts';
import { reasonText, turningReason, wasCancelled } from './journal.ts';
import type { Stuck } from './move.ts';
import { nextMove } from './next-move.ts';
import { type Act, operate } from './operate.ts';
import { isEditable, type RepairAct } from './repair-act.ts';
import { AT_ONCE } from './turn-around.ts';

export interface Repair extends Act {
  readonly act: RepairAct;
  /** For `edit`: what the step is taken to have returned. JSON. */
  readonly output?: unknown;
}

/**
 * Carries out an operator's act on a stuck saga. A reason is required for all that leaves something undone or says what nobody
 * saw. Throws `SAGA_NOT_FOUND`, `SAGA_NOT_STUCK` and what the act lacks.
 */
export async function repairSaga(desk: SagaDesk, repair: Repair, definitionOf: FindDefinition): Promise<SagaRow> {
  const { id, act, reason, operator } = repair;
  const at = desk.runtime.clock.now();
  return await operate(desk, id, async (tx, found) => {
    const { saga, journal } = found;
    if (saga.status !== 'stuck') throw sagaNotStuck(saga);
    if (act !== 'retry' && !reason?.trim()) throw reasonRequired(act);
    const place = placeOf(found, definitionOf, at);
    if ((act === 'skip' || act === 'edit') && !place) throw nothingToSkip(id);
    if (act === 'edit' && !isEditable(place)) throw nothingToEdit(id);

    const entries = answer(repair, place, at);
    const set = nextState(act, found);
    await tx.sagas.intervene({ id, journal: { after: journal.length, entries }, set, at });
    if (act === 'resolve') await tellParent(tx, { saga, status: set.status!, journal, at });
    const said = act === 'edit' ? { output: entries[0]!.output } : {};
    return { type: 'saga.repaired', data: { act, step: place?.step, reason, operator, ...said } };
  });
}

/** The journal line that the saga is stuck at. */
function placeOf({ saga, journal, signals }: ClaimedSaga, definitionOf: FindDefinition, now: number): Stuck['at'] {
  const move = nextMove({ definition: definitionOf(saga), journal, phase: saga.phase, signals, now });
  return move.kind === 'stuck' ? move.at : undefined;
}

const ANSWERS = { retry: 'retried', skip: 'skipped', edit: 'ok' } as const;

function answer({ act, output }: Repair, place: Stuck['at'], at: number): JournalEntry[] {
  if (act === 'resolve' || !place) return [];
  return [{ ...place, status: ANSWERS[act], at, ...(act === 'edit' && { output: copyJson(output) }) }];
}

function nextState(act: RepairAct, { saga: { phase }, journal }: ClaimedSaga): SagaChange {
  // The reason of a resolved saga stays: it says what a person had to see to.
  if (act === 'resolve') return { status: resolved(phase, journal) };
  if (phase === 'forward') return { status: 'ready', wakeAt: AT_ONCE, reason: undefined };
  const reason = turningReason(journal);
  return { status: 'compensating', wakeAt: AT_ONCE, reason: reason && reasonText(reason) };
}

function resolved(phase: SagaRow['phase'], journal: readonly JournalEntry[]): SagaStatus {
  if (phase === 'forward') return 'done';
  return wasCancelled(journal) ? 'cancelled' : 'compensated';
}

function sagaNotStuck({ id, status }: SagaRow): FlotillaError {
  const message = `Saga '${id}' is not stuck but ${status}; only a stuck saga can be repaired.`;
  return new FlotillaError('SAGA_NOT_STUCK', { kind: 'conflict', message, details: { status } });
}

function reasonRequired(act: RepairAct): FlotillaError {
  return new FlotillaError('REPAIR_REASON_REQUIRED', {
    kind: 'invalid',
    message: `Say why: '${act}' does not leave the saga to itself, and the reason goes into the audit.`,
  });
}

function nothingToSkip(id: string): FlotillaError {
  return new FlotillaError('NOTHING_TO_SKIP', {
    kind: 'conflict',
    message: `Saga '${id}' is not stuck at one step, so there is none to skip or edit. Retry or resolve it.`,
  });
}

function nothingToEdit(id: string): FlotillaError {
  return new FlotillaError('NOTHING_TO_EDIT', {
    kind: 'conflict',
    message: `Saga '${id}' is not stuck at a step that returns something. Retry, skip or resolve it.`,
  });
}
