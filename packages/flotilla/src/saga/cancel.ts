import { FlotillaError } from '../kernel/index.ts';
import type { SagaRow } from '../store/index.ts';
import type { FindDefinition } from './flight.ts';
import type { SagaDesk } from './joint-write.ts';
import { CANCEL } from './journal.ts';
import { isPastPivot } from './next-move.ts';
import { type Act, hasEnded, operate } from './operate.ts';
import { turnAround } from './turn-around.ts';

/**
 * Makes a saga turn back; it ends `cancelled`. What is under way counts as unknown and is undone too. Throws `SAGA_NOT_FOUND`, and
 * `SAGA_NOT_CANCELLABLE` for one that has ended, turned back already, or passed its pivot.
 */
export async function cancelSaga(desk: SagaDesk, { id, operator, reason }: Act, definitionOf: FindDefinition): Promise<SagaRow> {
  const at = desk.runtime.clock.now();
  return await operate(desk, id, async (tx, found) => {
    const { saga, journal } = found;
    const definition = definitionOf(saga);
    if (hasEnded(saga)) throw notCancellable(saga, `it is ${saga.status} already`);
    if (saga.phase === 'backward') throw notCancellable(saga, 'it turned back already');
    if (!definition) throw notCancellable(saga, 'this process does not know its version, nor how to undo it');
    if (isPastPivot(definition, journal)) throw notCancellable(saga, 'it has passed its point of no return');
    const message = `Cancelled by ${operator}${reason === undefined ? '' : `: ${reason}`}.`;
    await turnAround(tx, found, { line: CANCEL, reason: { step: CANCEL, code: 'CANCELLED', message }, at });
    return { type: 'saga.cancelled', data: { operator, reason } };
  });
}

function notCancellable({ id, status }: SagaRow, why: string): FlotillaError {
  return new FlotillaError('SAGA_NOT_CANCELLABLE', {
    kind: 'conflict',
    message: `Saga '${id}' can't be cancelled: ${why}.`,
    details: { status },
  });
}
