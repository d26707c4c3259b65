import type { Runtime } from '../kernel/index.ts';
import type { SagaRow, Transaction } from '../store/index.ts';
import type { RepairAct } from './repair-act.ts';
import { originOf } from './start.ts';

/** What a service's own log tells of its sagas. These events are private: they are never published. */
export type SagaEvent =
  | {
      readonly type: 'saga.stuck';
      readonly data: SagaNamed & {
        readonly step?: string | undefined;
        readonly code: string;
        readonly message: string;
        readonly acts: readonly RepairAct[];
      };
    }
  | {
      readonly type: 'saga.repaired';
      readonly data: SagaNamed & {
        readonly act: RepairAct;
        readonly step?: string | undefined;
        readonly reason?: string | undefined;
        readonly operator: string;
      };
    };

interface SagaNamed {
  readonly sagaId: string;
  readonly kind: string;
  readonly key: string;
}

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
