import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaRow } from '../store/index.ts';
import type { SagaDefinition } from './definition.ts';
import type { FindDefinition } from './flight.ts';
import type { SagaDesk } from './joint-write.ts';
import { foldJournal, isOver, progressOf } from './journal.ts';
import { type Act, hasEnded, operate } from './operate.ts';
import { namesOf } from './stage.ts';

export interface Fork extends Act {
  /** The first step that runs anew. */
  readonly from: string;
}

/**
 * Starts a new saga with the input of another and what its journal says of the steps before `from`; the other stays as it is. Its
 * key is the other's with the new id behind it. Throws `SAGA_NOT_FOUND`, and `SAGA_NOT_FORKABLE` where one of those steps has not
 * happened, or was undone, or while the other may still go on.
 */
export async function forkSaga(
  desk: SagaDesk,
  { id, from, operator, reason }: Fork,
  definitionOf: FindDefinition,
): Promise<string> {
  const { runtime } = desk;
  const fork = runtime.ids();
  await operate(desk, id, async (tx, found) => {
    const { saga } = found;
    const definition = definitionOf(saga);
    if (!definition) throw notForkable(saga, 'this process does not know its version');
    const rests = hasEnded(saga) || saga.status === 'stuck';
    if (!rests) throw notForkable(saga, `it is ${saga.status}; cancel it or wait for its end`);
    const { kind, definitionVersion, input, meta, correlationId } = saga;
    const journal = prefix(definition, found, from);
    const key = `${saga.key}~${fork}`;
    await tx.sagas.insert({
      id: fork,
      kind,
      definitionVersion,
      key,
      input,
      meta,
      correlationId,
      journal,
      at: runtime.clock.now(),
    });
    return { type: 'saga.forked', data: { from, fork, operator, reason } };
  });
  return fork;
}

/** What happened before a step, without locks: they are held by a saga, not by what it did. */
function prefix({ stages }: SagaDefinition, { saga, journal }: ClaimedSaga, from: string): readonly JournalEntry[] {
  const place = stages.findIndex((stage) => namesOf(stage).includes(from));
  if (place < 0) throw notForkable(saga, `it has no step '${from}'`);
  const kept = stages
    .slice(0, place)
    .filter(({ kind }) => kind !== 'lock')
    .flatMap(namesOf);
  const steps = foldJournal(journal);
  for (const name of kept) {
    const { run, compensate } = progressOf(steps, name);
    if (!isOver(run)) throw notForkable(saga, `step '${name}' before that has not happened`);
    if (compensate.attempt > 0) throw notForkable(saga, `step '${name}' before that was undone`);
  }
  return journal.filter(({ step, direction }) => direction === 'run' && kept.includes(step));
}

function notForkable({ id, status }: SagaRow, why: string): FlotillaError {
  return new FlotillaError('SAGA_NOT_FORKABLE', {
    kind: 'conflict',
    message: `Saga '${id}' can't be forked there: ${why}.`,
    details: { status },
  });
}
