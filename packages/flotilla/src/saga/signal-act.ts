import { FlotillaError } from '../kernel/index.ts';
import type { SagaRow } from '../store/index.ts';
import type { FindDefinition } from './flight.ts';
import type { SagaDesk } from './joint-write.ts';
import { type Act, hasEnded, operate } from './operate.ts';
import { signalSaga } from './signal.ts';

/** An operator tells a saga what it waits for. */
export interface SignalAct extends Act {
  /** Of the wait. */
  readonly name: string;
  readonly data: unknown;
}

/** Signals a saga by its id, audited. Throws `SAGA_NOT_FOUND`, `SAGA_NOT_WAITING` for one that is over, and what `signalSaga` throws. */
export async function signalById(desk: SagaDesk, act: SignalAct, definitionOf: FindDefinition): Promise<SagaRow> {
  const { id, name, data, operator, reason } = act;
  return await operate(desk, id, async (tx, { saga }) => {
    const definition = definitionOf(saga);
    if (hasEnded(saga)) throw notWaiting(saga, `it is ${saga.status} already`);
    if (!definition) throw notWaiting(saga, 'this process does not know its version, nor what it may be told');
    await signalSaga(tx, definition, { signal: { key: saga.key, name, data }, runtime: desk.runtime });
    return { type: 'saga.signalled', data: { name, data, operator, reason } };
  });
}

function notWaiting({ id, status }: SagaRow, why: string): FlotillaError {
  return new FlotillaError('SAGA_NOT_WAITING', {
    kind: 'conflict',
    message: `Saga '${id}' can't be told anything: ${why}.`,
    details: { status },
  });
}
