import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaRow, SagaStatus, Transaction } from '../store/index.ts';
import { type Flight, type GoesOn, NEVER } from './flight.ts';
import { type JointWrite, refusable, type SagaDesk } from './joint-write.ts';
import { foldJournal, progressOf, reasonText, resultsOf, type StepFailure, TURN, turningReason } from './journal.ts';
import type { Move } from './move.ts';
import { isPastPivot } from './next-move.ts';
import type { Change, Line, SagaDraft } from './saga-draft.ts';
import { keepSignal } from './signal.ts';
import type { ChildStage } from './stage.ts';
import { type SagaMeta, startSaga } from './start.ts';
import { turnAround } from './turn-around.ts';
import { begunOf } from './waiting-move.ts';

/** What a parent learns when its child has ended. */
export interface ChildEnd {
  readonly status: SagaStatus;
  readonly results: Record<string, unknown>;
  readonly reason?: string | undefined;
}

/** Starts a child in the transaction that writes down that its parent waits for it. */
export function startChild({ runtime }: SagaDesk, stage: ChildStage, draft: SagaDraft): { id: string; write: JointWrite } {
  const id = runtime.ids();
  const { id: parentId, kind, key } = draft.row;
  const parent = { id: parentId, kind, key, step: stage.name };
  const write = refusable(async (tx) => {
    const input = stage.input(draft.told);
    // Every saga of this store was inserted by `startSaga`.
    const started = await startSaga(tx, stage.saga, { id, input, meta: draft.row.meta as SagaMeta, runtime, parent });
    if (started !== id) throw childExists(stage, started);
  });
  return { id, write };
}

/** In the transaction that ends a saga, its parent learns of it. */
export async function tellParent(
  tx: Transaction,
  { saga, status, journal, at }: { saga: SagaRow; status: SagaStatus; journal: readonly JournalEntry[]; at: number },
): Promise<void> {
  const { parent } = saga;
  if (!parent) return;
  const turned = turningReason(journal);
  const end: ChildEnd = { status, results: resultsOf(journal), reason: turned && reasonText(turned) };
  await keepSignal(tx, { id: `${saga.id} ${status}`, kind: parent.kind, key: parent.key, name: parent.step, data: end, at });
}

type MoveOf<TKind extends Move['kind']> = Extract<Move, { kind: TKind }>;

/** Has the child turn back, whatever it does now, and waits until it is undone. */
export async function undoChild(flight: Flight, { stage, attempt }: MoveOf<'undo-child'>): Promise<GoesOn> {
  const { draft } = flight;
  const line = { step: stage.name, direction: 'compensate', attempt } as const;
  const { child } = begunOf(progressOf(foldJournal(draft.journal), stage.name).run);
  let waits = false;
  const written = await draft.save(async (tx): Promise<Change> => {
    const found = child === undefined ? undefined : await tx.sagas.find(child);
    const outcome = await undo(tx, flight, { stage, found });
    const begun: Line = { ...line, status: 'started' };
    const takes = await oldNews(tx, draft.row, stage.name);
    waits = outcome === 'waits';
    if (outcome === 'waits') {
      return { lines: [begun], takes, set: { status: 'compensating', wakeAt: NEVER, awaits: stage.name }, release: true };
    }
    const end: Line = outcome === 'undone' ? { ...line, status: 'ok' } : { ...line, status: 'failed', error: outcome };
    return { lines: [begun, end], takes };
  });
  return !(written && waits);
}

interface Undoing {
  readonly stage: ChildStage;
  readonly found: ClaimedSaga | undefined;
}

async function undo(tx: Transaction, flight: Flight, { stage, found }: Undoing): Promise<'undone' | 'waits' | StepFailure> {
  const { draft, definitionOf } = flight;
  if (!found || found.saga.status === 'compensated' || found.saga.status === 'cancelled') return 'undone';
  if (found.saga.phase === 'backward') return 'waits';
  const definition = definitionOf(found.saga);
  if (!definition || isPastPivot(definition, found.journal)) return childPastPivot(found.saga);
  const reason = { step: stage.name, code: 'PARENT_TURNED_BACK', message: `Saga ${draft.row.kind} ${draft.row.id} turned back.` };
  await turnAround(tx, found, { line: TURN, reason, at: draft.now() });
  return 'waits';
}

/** How the child ended is no news any more, now that it is to be undone. */
async function oldNews(tx: Transaction, { id }: SagaRow, name: string): Promise<readonly string[]> {
  const { signals } = (await tx.sagas.find(id))!;
  return signals.filter((signal) => signal.name === name).map((signal) => signal.id);
}

export function childUndone({ draft }: Flight, { stage, attempt, signal }: MoveOf<'child-undone'>): GoesOn {
  draft.take(signal);
  draft.note({ step: stage.name, direction: 'compensate', attempt, status: 'ok' });
  return true;
}

function childExists({ name, saga }: ChildStage, id: string): FlotillaError {
  const message = `Child '${name}' can't start: saga ${id} of kind ${saga.name} has its key already.`;
  return new FlotillaError('CHILD_EXISTS', { kind: 'conflict', message });
}

function childPastPivot({ id, kind }: SagaRow): StepFailure {
  const message = `Child saga ${kind} ${id} has passed its point of no return. Undo by hand what it did, then skip this step.`;
  return { code: 'CHILD_PAST_PIVOT', kind: 'conflict', message, retry: false };
}
