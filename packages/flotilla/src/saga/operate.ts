import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, SagaRow, Transaction } from '../store/index.ts';
import type { SagaDesk } from './joint-write.ts';
import { appendSagaEvent, nameOf, type SagaEvent } from './saga-event.ts';

/** What an operator does to one saga. */
export interface Act {
  readonly id: string;
  /** Who, for the audit. */
  readonly operator: string;
  /** Why, for the audit. */
  readonly reason?: string | undefined;
}

/** What an act came to: what the audit keeps. */
export type Audit = { readonly [TEvent in SagaEvent as TEvent['type']]: AuditOf<TEvent> }[SagaEvent['type']];
type AuditOf<TEvent extends SagaEvent> = {
  readonly type: TEvent['type'];
  readonly data: Omit<TEvent['data'], 'sagaId' | 'kind' | 'key'>;
};

/**
 * Does something to a saga as it is, audited in the same transaction. Returns it as it is then. Throws `SAGA_NOT_FOUND`, and
 * whatever the work throws to refuse.
 */
export async function operate(
  { store, runtime }: SagaDesk,
  id: string,
  work: (tx: Transaction, found: ClaimedSaga) => Promise<Audit>,
): Promise<SagaRow> {
  return await store.transact(async (tx) => {
    const found = await tx.sagas.find(id);
    if (!found) throw sagaNotFound(id);
    const { saga } = found;
    const { type, data } = await work(tx, found);
    // The pair comes from one member of the union, and so does what is put together here.
    const event = { type, data: { ...nameOf(saga), ...data } } as SagaEvent;
    await appendSagaEvent(tx, { saga, event, runtime });
    return (await tx.sagas.find(id))!.saga;
  });
}

export function sagaNotFound(id: string): FlotillaError {
  return new FlotillaError('SAGA_NOT_FOUND', { kind: 'not-found', message: `There is no saga '${id}' here.` });
}

export function hasEnded({ status }: SagaRow): boolean {
  return status === 'done' || status === 'compensated' || status === 'cancelled';
}
