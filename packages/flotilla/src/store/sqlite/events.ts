import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';
import type { EventReader, EventWriter, NewEvent, StoredEvent } from '../events.ts';
import type { Direct } from './direct.ts';
import { isUniqueViolation } from './failure.ts';
import { fromText, prepare, toText } from './statement.ts';
import type { Touched } from './touched.ts';

interface EventRow {
  position: number;
  stream: string | null;
  version: number | null;
  type: string;
  schema_version: number;
  id: string;
  data: string | null;
  meta: string;
  at: number;
}

export function createEventReader(db: DatabaseSync): Direct<EventReader> {
  const after = prepare<EventRow>(db, 'SELECT * FROM flotilla_events WHERE position > ? ORDER BY position LIMIT ?');
  const afterOfTypes = prepare<EventRow>(
    db,
    `SELECT * FROM flotilla_events WHERE position > ? AND type IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?`,
  );
  const ofStream = prepare<EventRow>(db, 'SELECT * FROM flotilla_events WHERE stream = ? AND version > ? ORDER BY version');
  const highest = prepare<{ head: number | null }>(db, 'SELECT max(position) AS head FROM flotilla_events');

  return {
    read({ after: position, limit, types }) {
      const rows = types ? afterOfTypes.all(position, JSON.stringify(types), limit) : after.all(position, limit);
      return rows.map(storedEvent);
    },
    readStream: (stream, afterVersion = 0) => ofStream.all(stream, afterVersion).map(storedEvent),
    head: () => highest.get()?.head ?? 0,
  };
}

/** The single writer makes positions rise with commit order, and lets the log itself say which version a stream has. */
export function createEventWriter(db: DatabaseSync, touched: Touched): Direct<EventWriter> {
  const { readStream, head } = createEventReader(db);
  const versionOf = prepare<{ version: number | null }>(
    db,
    'SELECT max(version) AS version FROM flotilla_events WHERE stream = ?',
  );
  const insert = db.prepare(
    `INSERT INTO flotilla_events (stream, version, type, schema_version, id, data, meta, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function add(event: NewEvent, stream: string | null, version: number | null): number {
    const { type, schemaVersion, id, data, meta, at } = event;
    try {
      const row = insert.run(stream, version, type, schemaVersion, id, toText(data), JSON.stringify(meta), at);
      return Number(row.lastInsertRowid);
    } catch (cause) {
      throw isUniqueViolation(cause) ? duplicate(event, cause) : cause;
    }
  }

  return {
    readStream,
    append({ stream, expectedVersion, events }) {
      let version = stream === undefined ? undefined : (versionOf.get(stream)?.version ?? 0);
      if (stream !== undefined && expectedVersion !== undefined && version !== expectedVersion) {
        throw conflict(stream, expectedVersion, version!);
      }
      let lastPosition = events.length === 0 ? head() : 0;
      for (const event of events) {
        if (version !== undefined) version += 1;
        lastPosition = add(event, stream ?? null, version ?? null);
      }
      touched.events ||= events.length > 0;
      return { lastPosition, version };
    },
  };
}

function storedEvent(row: EventRow): StoredEvent {
  return {
    position: row.position,
    stream: row.stream ?? undefined,
    version: row.version ?? undefined,
    type: row.type,
    schemaVersion: row.schema_version,
    id: row.id,
    data: fromText(row.data),
    // Written by `append` from exactly this type.
    meta: fromText(row.meta) as StoredEvent['meta'],
    at: row.at,
  };
}

function conflict(stream: string, expectedVersion: number, version: number): FlotillaError {
  return new FlotillaError('VERSION_CONFLICT', {
    kind: 'conflict',
    retryable: true,
    message: `Stream '${stream}' is at version ${version}, not ${expectedVersion}. Load it again and decide anew.`,
    details: { stream, expectedVersion, version },
  });
}

function duplicate(event: NewEvent, cause: unknown): FlotillaError {
  return new FlotillaError('DUPLICATE_EVENT', {
    kind: 'conflict',
    message: `An event with the id '${event.id}' is in the log already. Give every event an id of its own.`,
    cause,
  });
}
