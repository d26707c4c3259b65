import type { EventReader, ReadOptions, Snapshot, StoredEvent, StreamState } from 'flotilla/store';
import { EVENT, type EventRow, storedEvent } from './event-rows.ts';
import type { Head } from './head.ts';
import { fromText, type Queries, statement } from './statement.ts';

const NO_LIMIT = null;
const LAST_VERSION = 2 ** 31 - 1;
const LAST_POSITION = Number.MAX_SAFE_INTEGER;

/** The log by position, whatever is left out on the way. */
export const WALK = statement<EventRow>(
  `SELECT ${EVENT} FROM flotilla_events WHERE position > $1 AND position <= $2
     AND ($4::text[] IS NULL OR type = ANY ($4)) AND ($5::text IS NULL OR starts_with(stream, $5)) ORDER BY position LIMIT $3`,
);
export const STREAM = statement<EventRow>(
  `SELECT ${EVENT} FROM flotilla_events WHERE stream = $1 AND version > $2 AND version <= $3 ORDER BY version LIMIT $4`,
);
export const CORRELATED = statement<EventRow>(
  `SELECT ${EVENT} FROM flotilla_events WHERE correlation_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4`,
);

/** One statement, so that the snapshot and the events behind it are of one moment. The snapshot has no position. */
export const FROM_SNAPSHOT = statement<Omit<EventRow, 'position' | 'version'> & { position: number | null; version: number }>(
  `WITH snapshot AS (SELECT * FROM flotilla_snapshots s WHERE stream = $1 AND fold_hash = $2
     AND version <= (SELECT version FROM flotilla_streams WHERE stream = s.stream))
   SELECT NULL::bigint AS position, stream, version, fold_hash AS type, 0 AS schema_version, '' AS id, data, '' AS meta, at FROM snapshot
   UNION ALL
   (SELECT ${EVENT} FROM flotilla_events
     WHERE stream = $1 AND version > coalesce((SELECT version FROM snapshot), 0) ORDER BY version)`,
);

export async function readStream(
  db: Queries,
  stream: string,
  range: Parameters<EventReader['readStream']>[1],
): Promise<StoredEvent[]> {
  const { after = 0, upTo = LAST_VERSION, limit = NO_LIMIT } = range ?? {};
  return (await db.query(STREAM, [stream, after, Math.min(upTo, LAST_VERSION), limit])).rows.map(storedEvent);
}

export async function readFromSnapshot(db: Queries, stream: string, foldHash: string): Promise<StreamState> {
  const { rows } = await db.query(FROM_SNAPSHOT, [stream, foldHash]);
  const first = rows[0];
  const isSnapshot = first?.position === null;
  const snapshot: Snapshot | undefined = isSnapshot
    ? { stream, version: first.version, foldHash, data: fromText(first.data), at: first.at }
    : undefined;
  const events = (isSnapshot ? rows.slice(1) : rows).map((row) => storedEvent({ ...row, position: row.position! }));
  return { version: rows.at(-1)?.version ?? 0, snapshot, events };
}

/** Everything up to the given position, which must be safe to read. */
export async function walk(
  db: Queries,
  { after, limit, types, streamPrefix }: ReadOptions,
  upTo = LAST_POSITION,
): Promise<StoredEvent[]> {
  const { rows } = await db.query(WALK, [after, upTo, limit, types ?? null, streamPrefix ?? null]);
  return rows.map(storedEvent);
}

/** The log outside a unit. */
export function createEventReader(db: Queries, head: Head): EventReader {
  /** A page that is full is sure to be right; whether there is more is only known after a look at the head. */
  async function page(limit: number, read: (upTo: number) => Promise<StoredEvent[]>): Promise<StoredEvent[]> {
    const known = head.known;
    const events = known > 0 ? await read(known) : [];
    return events.length >= limit || (await head.refresh()) === known ? events : await read(head.known);
  }

  return {
    read: (options) => page(options.limit, (upTo) => walk(db, options, upTo)),
    readStream: (stream, range) => readStream(db, stream, range),
    readFromSnapshot: (stream, foldHash) => readFromSnapshot(db, stream, foldHash),
    readCorrelated: (correlationId, { after, limit }) =>
      page(limit, async (upTo) => (await db.query(CORRELATED, [correlationId, after, upTo, limit])).rows.map(storedEvent)),
    head: () => head.refresh(),
    end: () => head.end(),
  };
}
