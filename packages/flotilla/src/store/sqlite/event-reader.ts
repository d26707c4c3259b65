import type { DatabaseSync } from 'node:sqlite';
import type { EventReader, ReadOptions, StoredEvent } from '../events.ts';
import type { Direct } from './direct.ts';
import { type EventRow, storedEvent } from './event-rows.ts';
import { createSnapshotReader } from './snapshots.ts';
import { prepare } from './statement.ts';

const NO_LIMIT = -1;

const OF_TYPES = 'type IN (SELECT value FROM json_each(?))';
const PREFIXED = 'substr(stream, 1, length(?)) = ?';

/** The log by position, whatever is left out on the way. */
const walking = (...conditions: string[]): string =>
  `SELECT * FROM flotilla_events WHERE ${['position > ?', ...conditions].join(' AND ')} ORDER BY position LIMIT ?`;

export const WALKING_CATEGORY: string = walking(OF_TYPES, PREFIXED);

export const CORRELATED = `SELECT * FROM flotilla_events
  WHERE meta ->> '$.correlationId' = ? AND position > ? ORDER BY position LIMIT ?`;

export function createEventReader(db: DatabaseSync): Direct<EventReader> {
  const ofStream = prepare<EventRow>(
    db,
    'SELECT * FROM flotilla_events WHERE stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?',
  );
  const correlated = prepare<EventRow>(db, CORRELATED);
  const highest = prepare<{ head: number | null }>(db, 'SELECT max(position) AS head FROM flotilla_events');
  const sequence = prepare<{ seq: number }>(db, `SELECT seq FROM sqlite_sequence WHERE name = 'flotilla_events'`);
  const versionOf = createVersionReader(db);
  const snapshotOf = createSnapshotReader(db);

  const readStream: Direct<EventReader>['readStream'] = (stream, { after = 0, upTo = Infinity, limit = NO_LIMIT } = {}) =>
    ofStream.all(stream, after, Math.min(upTo, Number.MAX_SAFE_INTEGER), limit).map(storedEvent);

  return {
    read: createLogReader(db),
    readStream,
    readFromSnapshot(stream, foldHash) {
      const version = versionOf(stream);
      const found = snapshotOf(stream);
      const snapshot = found && found.foldHash === foldHash && found.version <= version ? found : undefined;
      return { version, snapshot, events: readStream(stream, { after: snapshot?.version }) };
    },
    readCorrelated: (correlationId, { after, limit }) => correlated.all(correlationId, after, limit).map(storedEvent),
    head: () => highest.get()?.head ?? 0,
    end: () => sequence.get()?.seq ?? 0,
  };
}

/** The log itself says which version a stream has: nothing else has to be kept in step with it. */
export function createVersionReader(db: DatabaseSync): (stream: string) => number {
  const versionOf = prepare<{ version: number | null }>(
    db,
    'SELECT max(version) AS version FROM flotilla_events WHERE stream = ?',
  );
  return (stream) => versionOf.get(stream)?.version ?? 0;
}

function createLogReader(db: DatabaseSync): (options: ReadOptions) => StoredEvent[] {
  const [all, ofTypes, prefixed, ofTypesPrefixed] = [
    prepare<EventRow>(db, walking()),
    prepare<EventRow>(db, walking(OF_TYPES)),
    prepare<EventRow>(db, walking(PREFIXED)),
    prepare<EventRow>(db, WALKING_CATEGORY),
  ] as const;
  return ({ after, limit, types, streamPrefix }) => {
    const statement = types ? (streamPrefix ? ofTypesPrefixed : ofTypes) : streamPrefix ? prefixed : all;
    const values = [...(types ? [JSON.stringify(types)] : []), ...(streamPrefix ? [streamPrefix, streamPrefix] : [])];
    return statement.all(after, ...values, limit).map(storedEvent);
  };
}
