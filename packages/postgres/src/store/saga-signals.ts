import type { SagaSignal, SagaWriter } from 'flotilla/store';
import { fromText, type Queries, statement, toText } from './statement.ts';
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

const kept = statement<SignalRow>(
  `SELECT * FROM flotilla_saga_signals WHERE kind = $1 AND key = $2 AND ($3::text IS NULL OR name = $3) ORDER BY at, id`,
);
const target = statement<{ ended: boolean }>(
  `SELECT ${ENDED} AS ended FROM flotilla_sagas WHERE kind = $1 AND key = $2 FOR UPDATE`,
);
const keep = statement(
  `INSERT INTO flotilla_saga_signals (kind, key, name, id, data, at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING`,
);
const wake = statement(
  'UPDATE flotilla_sagas SET wake_at = flotilla_now() WHERE kind = $1 AND key = $2 AND awaits = $3 AND owner IS NULL',
);
const expire = statement<SignalRow>(
  `DELETE FROM flotilla_saga_signals WHERE ctid = ANY (ARRAY(
     SELECT ctid FROM flotilla_saga_signals s WHERE expires_at <= flotilla_now() AND NOT EXISTS (
       SELECT 1 FROM flotilla_sagas WHERE kind = s.kind AND key = s.key AND NOT ${ENDED})
     ORDER BY expires_at LIMIT $1)) RETURNING *`,
);
const take = statement(
  `DELETE FROM flotilla_saga_signals s USING flotilla_sagas g
     WHERE g.id = $1 AND s.kind = g.kind AND s.key = g.key AND s.id = ANY ($2)`,
);

/** Reads what is kept for a saga, oldest first; with a name, only signals of that name. */
export async function signalsOf(db: Queries, { kind, key }: Address, name?: string): Promise<SagaSignal[]> {
  return (await db.query(kept, [kind, key, name ?? null])).rows.map(sagaSignal);
}

export async function takeSignals(db: Queries, saga: string, ids: readonly string[]): Promise<void> {
  await db.query(take, [saga, ids]);
}

export function createSignals(db: Queries, touched: Touched): Pick<SagaWriter, 'signal' | 'expireSignals'> {
  return {
    async signal({ id, kind, key, name, data, at, expiresAt }) {
      if ((await db.query(target, [kind, key])).rows[0]?.ended) return 'ended';
      await db.query(keep, [kind, key, name, id, toText(data), at, expiresAt]);
      if ((await db.query(wake, [kind, key, name])).count === 0) return 'kept';
      touched.sagas = true;
      return 'delivered';
    },
    expireSignals: async (limit) => (await db.query(expire, [limit])).rows.map(sagaSignal),
  };
}

function sagaSignal({ data, expires_at: expiresAt, ...row }: SignalRow): SagaSignal {
  return { ...row, data: fromText(data), expiresAt };
}
