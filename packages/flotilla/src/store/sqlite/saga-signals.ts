import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { SagaSignal } from '../saga-signals.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { fromText, prepare, toText } from './statement.ts';
import type { Touched } from './touched.ts';

interface SignalRow {
  kind: string;
  key: string;
  name: string;
  id: string;
  data: string | null;
  at: number;
  expires_at: number;
}

interface Address {
  readonly kind: string;
  readonly key: string;
}

const ENDED = `status IN ('done', 'compensated', 'cancelled')`;

export const WAKE_WAITING =
  'UPDATE flotilla_sagas SET wake_at = ?1 WHERE kind = ?2 AND key = ?3 AND awaits = ?4 AND owner IS NULL';

export const EXPIRE = `
  DELETE FROM flotilla_saga_signals WHERE (kind, key, name, id) IN (
    SELECT kind, key, name, id FROM flotilla_saga_signals AS s
      WHERE expires_at <= ?1 AND NOT EXISTS (
        SELECT 1 FROM flotilla_sagas WHERE kind = s.kind AND key = s.key AND NOT ${ENDED})
      ORDER BY expires_at LIMIT ?2) RETURNING *`;

/** Reads what is kept for a saga, oldest first; with a name, only signals of that name. */
export function createSignalReader(db: DatabaseSync): (saga: Address, name?: string) => SagaSignal[] {
  const kept = prepare<SignalRow>(
    db,
    'SELECT * FROM flotilla_saga_signals WHERE kind = ?1 AND key = ?2 AND (?3 IS NULL OR name = ?3) ORDER BY at, id',
  );
  return ({ kind, key }, name) => kept.all(kind, key, name ?? null).map(sagaSignal);
}

export function createSignals(
  db: DatabaseSync,
  clock: Clock,
  touched: Touched,
): Direct<Pick<SagaWriter, 'signal' | 'expireSignals'>> & { take(saga: string, ids: readonly string[]): void } {
  const hasEnded = prepare<object>(db, `SELECT 1 FROM flotilla_sagas WHERE kind = ? AND key = ? AND ${ENDED}`);
  const keep = prepare(
    db,
    `INSERT INTO flotilla_saga_signals (kind, key, name, id, data, at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
  );
  const wake = prepare(db, WAKE_WAITING);
  const expire = prepare<SignalRow>(db, EXPIRE);
  const take = prepare(
    db,
    `DELETE FROM flotilla_saga_signals WHERE (kind, key) = (SELECT kind, key FROM flotilla_sagas WHERE id = ?1)
       AND id IN (SELECT value FROM json_each(?2))`,
  );

  return {
    signal({ id, kind, key, name, data, at, expiresAt }) {
      if (hasEnded.get(kind, key)) return 'ended';
      keep.run(kind, key, name, id, toText(data), at, expiresAt);
      if (wake.run(clock.now(), kind, key, name).changes === 0) return 'kept';
      touched.sagas = true;
      return 'delivered';
    },
    expireSignals: (limit) => expire.all(clock.now(), limit).map(sagaSignal),
    take: (saga, ids) => void take.run(saga, JSON.stringify(ids)),
  };
}

function sagaSignal({ data, expires_at: expiresAt, ...row }: SignalRow): SagaSignal {
  return { ...row, data: fromText(data), expiresAt };
}
