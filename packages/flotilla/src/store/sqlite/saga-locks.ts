import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';
import { prepare } from './statement.ts';
import type { Touched } from './touched.ts';

export const FIRST_IN_LINE = 'SELECT saga FROM flotilla_saga_locks WHERE resource = ? ORDER BY place LIMIT 1';

/** Who may use a resource, and who waits for it. */
export interface SagaLocks {
  lock(resource: string, saga: string): boolean;
  /** Gives up every place the saga has in a line, and lets those go on that are first now. */
  unlock(saga: string): void;
}

export function createSagaLocks(db: DatabaseSync, clock: Clock, touched: Touched): SagaLocks {
  const queue = prepare(db, 'INSERT INTO flotilla_saga_locks (resource, saga) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const first = prepare<{ saga: string }>(db, FIRST_IN_LINE);
  const queued = prepare<object>(db, 'SELECT 1 FROM flotilla_saga_locks WHERE saga = ? LIMIT 1');
  const leave = prepare<{ resource: string }>(db, 'DELETE FROM flotilla_saga_locks WHERE saga = ? RETURNING resource');
  const wake = prepare(db, 'UPDATE flotilla_sagas SET wake_at = ? WHERE id = ? AND owner IS NULL AND awaits IS NOT NULL');

  return {
    lock(resource, saga) {
      queue.run(resource, saga);
      return first.get(resource)!.saga === saga;
    },
    unlock(saga) {
      // Hardly any saga is in a line, and to look costs a quarter of leaving none.
      if (!queued.get(saga)) return;
      for (const { resource } of leave.all(saga)) {
        const next = first.get(resource);
        if (next && wake.run(clock.now(), next.saga).changes > 0) touched.sagas = true;
      }
    },
  };
}
