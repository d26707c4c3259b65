import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import { endsIn, restsIn } from '../saga-status.ts';
import type { SagaWriter } from '../sagas.ts';
import type { Direct } from './direct.ts';
import { createSagaFinder } from './saga-finder.ts';
import { createSagaInserts } from './saga-inserts.ts';
import { createJournalWriter } from './saga-journal.ts';
import { createSagaLocks } from './saga-locks.ts';
import { createPauseWriter } from './saga-pauses.ts';
import { changeParameters, SET_CHANGE } from './saga-rows.ts';
import { createSignals } from './saga-signals.ts';
import { prepare } from './statement.ts';
import type { Touched } from './touched.ts';

type Changes = Pick<SagaWriter, 'advance' | 'intervene'>;

export function createSagaWriter(db: DatabaseSync, clock: Clock, touched: Touched): Direct<SagaWriter> {
  const { take, ...signals } = createSignals(db, clock, touched);
  const { lock, unlock } = createSagaLocks(db, clock, touched);
  return {
    ...createSagaInserts(db, clock, touched),
    ...createSagaChanges(db, clock, { touched, take, unlock }),
    ...signals,
    ...createPauseWriter(db, touched),
    find: createSagaFinder(db),
    lock,
  };
}

interface Side {
  readonly touched: Touched;
  readonly take: (saga: string, ids: readonly string[]) => void;
  readonly unlock: (saga: string) => void;
}

function createSagaChanges(db: DatabaseSync, clock: Clock, { touched, take, unlock }: Side): Direct<Changes> {
  const advance = prepare(
    db,
    `UPDATE flotilla_sagas SET ${SET_CHANGE}, owner = CASE ?12 WHEN 1 THEN NULL ELSE owner END,
       lease_until = CASE ?12 WHEN 1 THEN 0 ELSE lease_until END WHERE id = ?10 AND owner IS NOT NULL AND fence = ?11`,
  );
  const intervene = prepare(
    db,
    `UPDATE flotilla_sagas SET ${SET_CHANGE}, fence = fence + 1, owner = NULL, lease_until = 0 WHERE id = ?10`,
  );
  const journal = createJournalWriter(db);

  return {
    advance({ id, fence, journal: lines, set, takes, release = false, at }) {
      const gives = release || restsIn(set?.status);
      if (gives || set) {
        const change = changeParameters(set ?? {}, { at, now: clock.now() });
        if (advance.run(...change, id, fence, gives ? 1 : 0).changes === 0) return false;
        journal.add(id, lines);
      }
      // Most advances tell the journal alone: then the row, and its place in the indexes, stay as they are.
      else if (!journal.addHeld({ id, fence }, lines)) return false;
      if (takes && takes.length > 0) take(id, takes);
      if (endsIn(set?.status)) unlock(id);
      // A saga that stays under its claim is nobody else's work: it wakes no coordinator.
      if (gives && !restsIn(set?.status)) touched.sagas = true;
      return true;
    },
    intervene({ id, journal: lines, set, at }) {
      if (intervene.run(...changeParameters(set, { at, now: clock.now() }), id).changes === 0) return false;
      journal.add(id, lines);
      if (endsIn(set.status)) unlock(id);
      touched.sagas = true;
      return true;
    },
  };
}
