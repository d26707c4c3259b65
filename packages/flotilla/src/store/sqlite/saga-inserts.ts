import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { createJournalWriter } from './saga-journal.ts';
import { createPauseReader } from './saga-pauses.ts';
import { prepare, toText } from './statement.ts';
import type { Touched } from './touched.ts';

export function createSagaInserts(db: DatabaseSync, clock: Clock, touched: Touched): Direct<Pick<SagaWriter, 'insert'>> {
  const insert = prepare(
    db,
    `INSERT INTO flotilla_sagas
       (id, kind, key, definition_version, input, meta, correlation_id, parent, at, updated_at,
        status, phase, wake_at, owner, fence, lease_until)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, 'forward', ?11, ?12, ?13, ?14) ON CONFLICT (kind, key) DO NOTHING`,
  );
  const idOf = prepare<{ id: string }>(db, 'SELECT id FROM flotilla_sagas WHERE kind = ? AND key = ?');
  const journal = createJournalWriter(db);
  const { unpaused } = createPauseReader(db);

  return {
    insert({ id, kind, key, definitionVersion, input, meta, correlationId, parent, at, journal: entries = [], claim }) {
      const now = clock.now();
      const born = claim && unpaused([kind]).length > 0 ? claim : undefined;
      const leaseUntil = born && now + born.leaseMs;
      const state = leaseUntil ? ['running', now, born.owner, 1, leaseUntil] : ['ready', now, null, 0, 0];
      const origin = [id, kind, key, definitionVersion, toText(input), toText(meta), correlationId, toText(parent), at];
      if (insert.run(...origin, ...state).changes === 0) return { id: idOf.get(kind, key)!.id, leaseUntil: undefined };
      journal.add(id, { after: 0, entries: [...entries, ...(born?.entries ?? [])] });
      touched.sagas ||= born === undefined;
      return { id, leaseUntil };
    },
  };
}
