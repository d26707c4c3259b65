import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';

/** Tills that sell at the same time, and how many events each one's stream gets. */
const OPEN_AT_ONCE = 100;
const STREAM_LENGTH = 10;
const BLOCK = OPEN_AT_ONCE * STREAM_LENGTH;

/** As the log would hold them after so many appends; written by one statement, because only reading is measured. */
const COLUMNS = `'till:' || (n / ${BLOCK} * ${OPEN_AT_ONCE} + n % ${OPEN_AT_ONCE}) AS stream,
  (n % ${BLOCK}) / ${OPEN_AT_ONCE} + 1 AS version, 'Sold' AS type, 1 AS schema_version, 'past-' || n AS id,
  '{"sku":"TEA-DARJ-100","name":"Darjeeling first flush, 100 g","quantity":2,"price":690,"cents":' || (n % 1000) || '}' AS data,
  '{"correlationId":"past-' || n || '"}' AS meta`;

export function fillSqlite(folder: string, service: string, events: number): void {
  const db = new DatabaseSync(join(folder, `${service}.db`));
  // Nobody needs these to survive a power failure.
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  db.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${events - 1})
    INSERT INTO flotilla_events (stream, version, type, schema_version, id, data, meta, at)
      SELECT ${COLUMNS}, n AS at FROM numbers`);
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

export async function fillPostgres(url: string, events: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`
    INSERT INTO flotilla_events (stream, version, type, schema_version, id, data, meta, correlation_id, at)
      SELECT ${COLUMNS}, 'past-' || n AS correlation_id, n AS at FROM generate_series(0, ${events - 1}) AS n`);
  await client.query('INSERT INTO flotilla_streams SELECT stream, max(version) FROM flotilla_events GROUP BY stream');
  await client.query('VACUUM ANALYZE flotilla_events');
  await client.end();
}
