import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaAdvance, SagaRow } from '../store/index.ts';
import type { SagaDefinition } from './definition.ts';
import { reasonText } from './journal.ts';
import { nextMove, type Stuck, turningReason } from './next-move.ts';
import type { RepairAct } from './repair-act.ts';
import { appendSagaEvent, nameOf } from './saga-event.ts';
import type { SagaDesk } from './write-advance.ts';

export interface Repair {
  readonly id: string;
  readonly act: RepairAct;
  /** Why; required for `skip` and `resolve`, which leave something undone. */
  readonly reason?: string | undefined;
  /** Who, for the audit. */
  readonly operator: string;
}

export type FindDefinition = (saga: SagaRow) => SagaDefinition | undefined;

/** Carries out an operator's act, audited in the same transaction. Throws `SAGA_NOT_FOUND`, `SAGA_NOT_STUCK` and what the act lacks. */
export async function repairSaga(desk: SagaDesk, repair: Repair, definitionOf: FindDefinition): Promise<SagaRow> {
  const { store, runtime } = desk;
  const { id, act, reason, operator } = repair;
  const found = await store.sagas.find(id);
  if (!found) throw sagaNotFound(id);
  const { saga, journal } = found;
  if (saga.status !== 'stuck') throw sagaNotStuck(saga);
  if (act !== 'retry' && !reason?.trim()) throw reasonRequired(act);

  const move = nextMove({ definition: definitionOf(saga), journal, phase: saga.phase });
  const at = move.kind === 'stuck' ? move.at : undefined;
  if (act === 'skip' && !at) throw nothingToSkip(id);

  const change = { id, entries: answer(act, at, runtime.clock.now()), set: nextState(act, found, runtime.clock.now()) };
  await store.transact(async (tx) => {
    if (!(await tx.sagas.repair({ ...change, at: runtime.clock.now() }))) throw sagaNotStuck(saga);
    const data = { ...nameOf(saga), act, step: at?.step, reason, operator };
    await appendSagaEvent(tx, { saga, event: { type: 'saga.repaired', data }, runtime });
  });
  return (await store.sagas.find(id))!.saga;
}

/** The journal line that answers the one the saga is stuck at. */
function answer(act: RepairAct, at: Stuck['at'], now: number): JournalEntry[] {
  if (act === 'resolve' || !at) return [];
  return [{ ...at, status: act === 'retry' ? 'retried' : 'skipped', at: now }];
}

function nextState(act: RepairAct, { saga: { phase }, journal }: ClaimedSaga, now: number): SagaAdvance['set'] {
  // The reason of a resolved saga stays: it says what a person had to see to.
  if (act === 'resolve') return { status: phase === 'forward' ? 'done' : 'compensated' };
  if (phase === 'forward') return { status: 'ready', wakeAt: now, reason: undefined };
  return { status: 'compensating', wakeAt: now, reason: reasonText(turningReason(journal)) };
}

export function sagaNotFound(id: string): FlotillaError {
  return new FlotillaError('SAGA_NOT_FOUND', { kind: 'not-found', message: `There is no saga '${id}' here.` });
}

function sagaNotStuck({ id, status }: SagaRow): FlotillaError {
  const message = `Saga '${id}' is not stuck but ${status}; only a stuck saga can be repaired.`;
  return new FlotillaError('SAGA_NOT_STUCK', { kind: 'conflict', message, details: { status } });
}

function reasonRequired(act: RepairAct): FlotillaError {
  return new FlotillaError('REPAIR_REASON_REQUIRED', {
    kind: 'invalid',
    message: `Say why: '${act}' leaves something undone, and the reason goes into the audit.`,
  });
}

function nothingToSkip(id: string): FlotillaError {
  return new FlotillaError('NOTHING_TO_SKIP', {
    kind: 'conflict',
    message: `Saga '${id}' is not stuck at one step, so there is none to skip. Retry or resolve it.`,
  });
}
