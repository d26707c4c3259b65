import type { Runtime } from '../kernel/index.ts';
import type { SagaRow, Transaction } from '../store/index.ts';
import type { RepairAct } from './repair-act.ts';
import { originOf } from './start.ts';

interface SagaNamed {
  readonly sagaId: string;
  readonly kind: string;
  readonly key: string;
}

/** Who did it, and why. */
interface Audited {
  readonly operator: string;
  readonly reason?: string | undefined;
}

interface Happened<TType extends string, TData> {
  readonly type: TType;
  readonly data: SagaNamed & TData;
}

/** What a service's own log tells of its sagas. These events are private: they are never published. */
export type SagaEvent =
  | Happened<'saga.stuck', { step?: string | undefined; code: string; message: string; acts: readonly RepairAct[] }>
  | Happened<'saga.overdue', { step: string; waitedMs: number }>
  | Happened<'saga.repaired', Audited & { act: RepairAct; step?: string | undefined; output?: unknown }>
  | Happened<'saga.cancelled', Audited>
  | Happened<'saga.signalled', Audited & { name: string; data: unknown }>
  | Happened<'saga.forked', Audited & { from: string; fork: string }>
  | Happened<'saga.paused' | 'saga.resumed', Audited>;

/** Appends in the transaction that changes the saga, so the log and the saga can't disagree. */
export async function appendSagaEvent(
  tx: Transaction,
  { saga, event, runtime }: { saga: SagaRow; event: SagaEvent; runtime: Pick<Runtime, 'clock' | 'ids'> },
): Promise<void> {
  const { type, data } = event;
  const at = runtime.clock.now();
  await tx.events.append({ events: [{ type, schemaVersion: 1, id: runtime.ids(), data, meta: originOf(saga), at }] });
}

export function nameOf({ id, kind, key }: SagaRow): SagaNamed {
  return { sagaId: id, kind, key };
}
