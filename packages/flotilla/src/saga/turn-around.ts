import type { ClaimedSaga, Transaction } from '../store/index.ts';
import type { SagaReason } from './definition.ts';
import { type CANCEL, reasonText, type TURN, turnLine } from './journal.ts';

/** As soon as somebody is there. */
export const AT_ONCE = 0;

export interface Turn {
  readonly line: typeof CANCEL | typeof TURN;
  readonly reason: SagaReason;
  readonly at: number;
}

/** Makes a saga turn back from outside. What is under way counts as unknown, and is undone like the rest. */
export async function turnAround(tx: Transaction, { saga, journal }: ClaimedSaga, { line, reason, at }: Turn): Promise<void> {
  await tx.sagas.intervene({
    id: saga.id,
    journal: { after: journal.length, entries: [{ ...turnLine(line, reason), at }] },
    set: { status: 'compensating', phase: 'backward', wakeAt: AT_ONCE, reason: reasonText(reason) },
    at,
  });
}
