import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DatabasePlace } from '../database-server.ts';

const DAY_MS = 86_400_000;
const COLUMNS =
  'id, kind, key, definition_version, input, meta, correlation_id, status, phase, wake_at, fence, lease_until, at, updated_at';

/** The columns of saga number `n`, which has the name `past`. */
const VALUES = `past, 'four-steps', past, '1', '{"id":"past"}', '{"identity":{"roles":[],"scopes":[]},"correlationId":"past"}', past,
  'done', 'forward', n, 1, 0, n, n + ${DAY_MS}`;

const JOURNAL = 'INSERT INTO flotilla_saga_journal (saga, line, next, entries)';

/** Adds sagas of the past to a service's SQLite file: a row of each and one of its journal, by one statement for all. */
export function addFinishedToFile(folder: string, service: string, count: number): void {
  const db = new DatabaseSync(join(folder, `${service}.db`));
  // Nobody needs these to survive a power failure.
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  db.exec(`INSERT INTO flotilla_sagas (${COLUMNS})
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    SELECT ${VALUES} FROM (SELECT n, printf('past-%012d', n) AS past FROM numbers)`);
  db.exec(`${JOURNAL} SELECT number, 0, 8, '[["load","run",1,"ok",1]]' FROM flotilla_sagas`);
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

/** The same in PostgreSQL. Its statistics and its visibility map are what they would be after a night. */
export async function addFinishedToServer({ query }: DatabasePlace, service: string, count: number): Promise<void> {
  await query(
    service,
    `INSERT INTO flotilla_sagas (${COLUMNS})
       SELECT ${VALUES} FROM (SELECT n, 'past-' || lpad(n::text, 12, '0') AS past FROM generate_series(1, ${count}) AS n) AS numbers`,
  );
  const entries = '[{"step":"load","direction":"run","attempt":1,"status":"ok","at":1}]';
  await query(service, `${JOURNAL} SELECT id, 0, 8, '${entries}' FROM flotilla_sagas`);
  await query(service, 'VACUUM ANALYZE flotilla_sagas, flotilla_saga_journal');
}
