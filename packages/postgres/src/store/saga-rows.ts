import { type ParentSaga, restsIn, type SagaChange, type SagaPhase, type SagaRow, type SagaStatus } from 'flotilla/store';
import { fromText } from './statement.ts';

export interface StoredSaga {
  id: string;
  kind: string;
  key: string;
  definition_version: string;
  input: string | null;
  meta: string | null;
  correlation_id: string;
  parent: string | null;
  status: SagaStatus;
  phase: SagaPhase;
  wake_at: number;
  awaits: string | null;
  paused: boolean;
  owner: string | null;
  fence: number;
  lease_until: number;
  reason: string | null;
  at: number;
  updated_at: number;
}

export function sagaRow(row: StoredSaga): SagaRow {
  const { id, kind, key, status, phase, paused, fence, at } = row;
  return {
    id,
    kind,
    key,
    status,
    phase,
    paused,
    fence,
    at,
    definitionVersion: row.definition_version,
    input: fromText(row.input),
    meta: fromText(row.meta),
    correlationId: row.correlation_id,
    // Written by `insert` from exactly this type.
    parent: fromText(row.parent) as ParentSaga | undefined,
    wakeAt: row.wake_at,
    awaits: row.awaits ?? undefined,
    owner: row.owner ?? undefined,
    leaseUntil: row.lease_until,
    reason: row.reason ?? undefined,
    updatedAt: row.updated_at,
  };
}

/** What a change writes over the present row. NULL leaves a column as it is; a reason is told apart from its absence. */
export function changeValues(set: SagaChange = {}): [...(string | number | boolean | null)[]] {
  const { status = null, phase = null, wakeAt = null, reason = null } = set;
  return [status, phase, wakeAt, 'reason' in set, reason, restsIn(set.status)];
}
