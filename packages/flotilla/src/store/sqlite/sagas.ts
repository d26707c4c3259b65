import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import type { SagaAdvance, SagaStatus, SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { createJournalWriter } from './saga-journal.ts';
import { prepare, toText } from './statement.ts';
import type { Touched } from './touched.ts';

/** In these a saga goes nowhere by itself, so nobody keeps a claim on it. */
const AT_REST: ReadonlySet<SagaStatus | undefined> = new Set(['stuck', 'done', 'compensated']);

/** What the present row gives way to; NULL leaves a column as it is, and a reason is told apart from its absence by ?5. */
const SET = `status = coalesce(?2, status), phase = coalesce(?3, phase), wake_at = coalesce(?4, wake_at),
  reason = CASE ?5 WHEN 1 THEN ?6 ELSE reason END, updated_at = ?7`;

export function createSagaWriter(db: DatabaseSync, clock: Clock, touched: Touched): Direct<SagaWriter> {
  const insert = prepare(
    db,
    `INSERT INTO flotilla_sagas
       (id, kind, key, definition_version, input, meta, status, phase, wake_at, fence, lease_until, at, updated_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'ready', 'forward', ?7, 0, 0, ?8, ?8) ON CONFLICT (kind, key) DO NOTHING`,
  );
  const idOf = prepare<{ id: string }>(db, 'SELECT id FROM flotilla_sagas WHERE kind = ? AND key = ?');
  const advance = prepare(
    db,
    `UPDATE flotilla_sagas SET ${SET}, owner = CASE ?8 WHEN 1 THEN NULL ELSE owner END,
       lease_until = CASE ?8 WHEN 1 THEN 0 ELSE lease_until END WHERE id = ?1 AND owner IS NOT NULL AND fence = ?9`,
  );
  const repair = prepare(
    db,
    `UPDATE flotilla_sagas SET ${SET}, fence = fence + 1, owner = NULL, lease_until = 0 WHERE id = ?1 AND status = 'stuck'`,
  );
  const journal = createJournalWriter(db);

  return {
    insert({ id, kind, key, definitionVersion, input, meta, at }) {
      const saga = insert.run(id, kind, key, definitionVersion, toText(input), toText(meta), clock.now(), at);
      if (saga.changes === 0) return idOf.get(kind, key)!.id;
      touched.sagas = true;
      return id;
    },
    advance({ id, fence, entries, set, release, at }) {
      const rests = release === true || AT_REST.has(set.status);
      if (advance.run(id, ...columns(set), at, rests ? 1 : 0, fence).changes === 0) return false;
      journal(id, entries);
      // A saga that stays under its claim is nobody else's work: it wakes no coordinator.
      if (rests && !AT_REST.has(set.status)) touched.sagas = true;
      return true;
    },
    repair({ id, entries, set, at }) {
      if (repair.run(id, ...columns(set), at).changes === 0) return false;
      journal(id, entries);
      touched.sagas = true;
      return true;
    },
  };
}

function columns(set: SagaAdvance['set']): [...(string | number | null)[]] {
  return [set.status ?? null, set.phase ?? null, set.wakeAt ?? null, 'reason' in set ? 1 : 0, set.reason ?? null];
}
