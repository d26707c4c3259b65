import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { linesToText } from './saga-lines.ts';
import { createPauseReader } from './saga-pauses.ts';
import { prepare, toText } from './statement.ts';
import type { Touched } from './touched.ts';

export function createSagaInserts(db: DatabaseSync, clock: Clock, touched: Touched): Direct<Pick<SagaWriter, 'insert'>> {
  const insert = prepare(
    db,
    `INSERT INTO flotilla_sagas
       (id, kind, key, definition_version, input, meta, correlation_id, parent, at, updated_at,
        status, phase, wake_at, owner, fence, lease_until, begun)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, 'forward', ?11, ?12, ?13, ?14, ?15) ON CONFLICT (kind, key) DO NOTHING`,
  );
  const idOf = prepare<{ id: string }>(db, 'SELECT id FROM flotilla_sagas WHERE kind = ? AND key = ?');
  const { unpaused } = createPauseReader(db);

  return {
    insert({ id, kind, key, definitionVersion, input, meta, correlationId, parent, at, journal: entries = [], claim }) {
      const now = clock.now();
      const born = claim && unpaused([kind]).length > 0 ? claim : undefined;
      const leaseUntil = born && now + born.leaseMs;
      const state = leaseUntil ? ['running', now, born.owner, 1, leaseUntil] : ['ready', now, null, 0, 0];
      const origin = [id, kind, key, definitionVersion, toText(input), toText(meta), correlationId, toText(parent), at];
      const begun = [...entries, ...(born?.entries ?? [])];
      const { changes } = insert.run(...origin, ...state, begun.length === 0 ? null : linesToText(begun));
      if (changes === 0) return { id: idOf.get(kind, key)!.id, leaseUntil: undefined };
      touched.sagas ||= born === undefined;
      return { id, leaseUntil };
    },
  };
}
