import type { SagaPhase, SagaRow, SagaStatus } from '../sagas.ts';
import { fromText } from './statement.ts';

export interface StoredSaga {
  id: string;
  kind: string;
  key: string;
  definition_version: string;
  input: string | null;
  meta: string | null;
  status: SagaStatus;
  phase: SagaPhase;
  wake_at: number;
  owner: string | null;
  fence: number;
  lease_until: number;
  reason: string | null;
  at: number;
  updated_at: number;
}

export function sagaRow(row: StoredSaga): SagaRow {
  const { id, kind, key, status, phase, fence, at } = row;
  return {
    id,
    kind,
    key,
    status,
    phase,
    fence,
    at,
    definitionVersion: row.definition_version,
    input: fromText(row.input),
    meta: fromText(row.meta),
    wakeAt: row.wake_at,
    owner: row.owner ?? undefined,
    leaseUntil: row.lease_until,
    reason: row.reason ?? undefined,
    updatedAt: row.updated_at,
  };
}
