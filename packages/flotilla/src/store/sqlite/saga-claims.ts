import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { SagaStore } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { createJournalReader } from './saga-journal.ts';
import { createPauseReader } from './saga-pauses.ts';
import { sagaRow, type StoredSaga } from './saga-rows.ts';
import { createSignalReader } from './saga-signals.ts';
import { prepare } from './statement.ts';

const OF_KINDS = 'kind IN (SELECT value FROM json_each(:kinds))';
const IS_LEASED = 'owner IS NOT NULL AND paused = 0';
const IS_DUE = `owner IS NULL AND paused = 0 AND status IN ('ready', 'running', 'waiting', 'compensating')`;

/** `INDEXED BY` makes it an error, not a slow query, when a change ever loses the partial index. */
export const CLAIMABLE = `
  SELECT * FROM (SELECT number FROM flotilla_sagas INDEXED BY flotilla_sagas_leased
    WHERE ${IS_LEASED} AND lease_until <= :now AND ${OF_KINDS} ORDER BY lease_until LIMIT :limit)
  UNION ALL
  SELECT * FROM (SELECT number FROM flotilla_sagas INDEXED BY flotilla_sagas_due
    WHERE ${IS_DUE} AND wake_at <= :now AND ${OF_KINDS} ORDER BY wake_at LIMIT :limit)
  LIMIT :limit`;

export const NEXT_WAKE = `
  SELECT min(wake) AS wake FROM (
    SELECT * FROM (SELECT lease_until AS wake FROM flotilla_sagas INDEXED BY flotilla_sagas_leased
      WHERE ${IS_LEASED} AND ${OF_KINDS} ORDER BY lease_until LIMIT 1)
    UNION ALL
    SELECT * FROM (SELECT wake_at AS wake FROM flotilla_sagas INDEXED BY flotilla_sagas_due
      WHERE ${IS_DUE} AND ${OF_KINDS} ORDER BY wake_at LIMIT 1))`;

type Claims = Pick<SagaStore, 'claim' | 'renew'>;

export function createSagaClaims(db: DatabaseSync, clock: Clock): Direct<Claims> {
  const claim = prepare<StoredSaga>(
    db,
    `UPDATE flotilla_sagas SET status = CASE phase WHEN 'backward' THEN 'compensating' ELSE 'running' END,
       owner = :owner, fence = fence + 1, lease_until = :leaseUntil, updated_at = :now
       WHERE number IN (${CLAIMABLE}) RETURNING *`,
  );
  const renew = prepare(db, 'UPDATE flotilla_sagas SET lease_until = ? WHERE id = ? AND owner = ? AND fence = ?');
  const journalOf = createJournalReader(db);
  const signalsOf = createSignalReader(db);
  const { unpaused } = createPauseReader(db);

  return {
    claim({ owner, kinds, limit, leaseMs }) {
      const now = clock.now();
      const free = JSON.stringify(unpaused(kinds));
      const rows = claim.all({ owner, kinds: free, limit, now, leaseUntil: now + leaseMs });
      rows.sort((left, right) => left.wake_at - right.wake_at);
      return rows.map((row) => ({
        saga: sagaRow(row),
        journal: journalOf(row),
        signals: row.awaits === null ? [] : signalsOf(row, row.awaits),
      }));
    },
    renew(owner, held, leaseMs) {
      const leaseUntil = clock.now() + leaseMs;
      return held.filter(({ id, fence }) => renew.run(leaseUntil, id, owner, fence).changes === 1).map(({ id }) => id);
    },
  };
}
