import { type Queries, statement } from './statement.ts';
import type { Touched } from './touched.ts';

/** Who may use a resource, and who waits for it. */
export interface SagaLocks {
  lock(resource: string, saga: string): Promise<boolean>;
  /** Gives up every place the saga has in a line, and lets those go on that are first now. */
  unlock(saga: string): Promise<void>;
}

const enter = statement<{ last_place: number }>(
  `INSERT INTO flotilla_saga_lines AS line (resource, last_place) VALUES ($1, 1)
     ON CONFLICT (resource) DO UPDATE SET last_place = line.last_place + 1 RETURNING last_place`,
);
const queue = statement(
  'INSERT INTO flotilla_saga_locks (resource, place, saga) VALUES ($1, $2, $3) ON CONFLICT (saga, resource) DO NOTHING',
);
const close = statement('DELETE FROM flotilla_saga_lines WHERE resource = $1');
const first = statement<{ saga: string }>('SELECT saga FROM flotilla_saga_locks WHERE resource = $1 ORDER BY place LIMIT 1');
const leave = statement<{ resource: string }>('DELETE FROM flotilla_saga_locks WHERE saga = $1 RETURNING resource');
const wake = statement(
  'UPDATE flotilla_sagas SET wake_at = flotilla_now() WHERE id = $1 AND owner IS NULL AND awaits IS NOT NULL',
);

export function createSagaLocks(db: Queries, touched: Touched): SagaLocks {
  const firstOf = async (resource: string): Promise<string | undefined> => (await db.query(first, [resource])).rows[0]?.saga;
  return {
    async lock(resource, saga) {
      const place = (await db.query(enter, [resource])).rows[0]!.last_place;
      await db.query(queue, [resource, place, saga]);
      return (await firstOf(resource)) === saga;
    },
    async unlock(saga) {
      for (const { resource } of (await db.query(leave, [saga])).rows) {
        await db.query(enter, [resource]);
        const next = await firstOf(resource);
        if (next === undefined) await db.query(close, [resource]);
        else if ((await db.query(wake, [next])).count > 0) touched.sagas = true;
      }
    },
  };
}
