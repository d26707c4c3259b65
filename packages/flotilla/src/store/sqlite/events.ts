import type { DatabaseSync } from 'node:sqlite';
import { FlotillaError } from '../../kernel/index.ts';
import type { EventWriter, NewEvent } from '../events.ts';
import type { Direct } from './direct.ts';
import { createEventReader, createVersionReader } from './event-reader.ts';
import { isUniqueViolation } from './failure.ts';
import { toText } from './statement.ts';
import type { Touched } from './touched.ts';

/** The single writer makes positions rise with commit order. */
export function createEventWriter(db: DatabaseSync, touched: Touched): Direct<EventWriter> {
  const { read, readStream, readFromSnapshot, head } = createEventReader(db);
  const versionOf = createVersionReader(db);
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
    read,
    readStream,
    readFromSnapshot,
    append({ stream, expectedVersion, events }) {
      let version = stream === undefined ? undefined : versionOf(stream);
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
