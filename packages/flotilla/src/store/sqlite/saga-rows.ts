import type { ParentSaga, SagaChange, SagaPhase, SagaRow, SagaStatus } from '../sagas.ts';
import { restsIn } from '../saga-status.ts';
import { fromText } from './statement.ts';

export interface StoredSaga {
  number: number;
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
  paused: number;
  owner: string | null;
  fence: number;
  lease_until: number;
  reason: string | null;
  at: number;
  updated_at: number;
  begun: string | null;
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
    correlationId: row.correlation_id,
    // Written by `insert` from exactly this type.
    parent: fromText(row.parent) as ParentSaga | undefined,
    wakeAt: row.wake_at,
    awaits: row.awaits ?? undefined,
    paused: row.paused === 1,
    owner: row.owner ?? undefined,
    leaseUntil: row.lease_until,
    reason: row.reason ?? undefined,
    updatedAt: row.updated_at,
  };
}

/**
 * What the present row gives way to. NULL leaves a column as it is, except that nothing is awaited any more; a reason is told
 * apart from its absence. A saga that begins to wait for a signal that is here already is due at once.
 */
export const SET_CHANGE = `status = coalesce(?1, status), phase = coalesce(?2, phase), awaits = ?3,
  wake_at = CASE
    WHEN EXISTS (SELECT 1 FROM flotilla_saga_signals AS s
      WHERE s.kind = flotilla_sagas.kind AND s.key = flotilla_sagas.key AND s.name = ?3) THEN ?9
    ELSE coalesce(?4, wake_at) END,
  reason = CASE ?5 WHEN 1 THEN ?6 ELSE reason END,
  paused = CASE ?7 WHEN 1 THEN 0 ELSE paused END, updated_at = ?8`;

/** Its parameters, by number: to bind a dozen by their names costs as much as the statement itself. */
export function changeParameters(set: SagaChange, { at, now }: { at: number; now: number }): (string | number | null)[] {
  const { status = null, phase = null, awaits = null, wakeAt = null, reason = null } = set;
  return [status, phase, awaits, wakeAt, 'reason' in set ? 1 : 0, reason, restsIn(set.status) ? 1 : 0, at, now];
}
