import type { DatabaseSync } from 'node:sqlite';
import type { EventReader, EventStore } from '../events.ts';
import type { Committer } from './committer.ts';
import { type Guard, guarded } from './direct.ts';
import { createEventReader } from './event-reader.ts';
import { createSnapshotWriter } from './snapshots.ts';
import type { Tables } from './tables.ts';

export interface EventStoreOptions {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  readonly tables: Pick<Tables, 'events'>;
  readonly committer: Committer;
  readonly guard: Guard;
}

/** The log outside a transaction: what writes is a unit like any other and shares commits with all of them. */
export function createEventStore({ writer, reader, tables, committer, guard }: EventStoreOptions): EventStore {
  const read = guarded<EventReader>(createEventReader(reader))(guard);
  const keep = createSnapshotWriter(writer);
  return {
    read: (options) => read.read(options),
    readStream: (stream, range) => read.readStream(stream, range),
    readFromSnapshot: (stream, foldHash) => read.readFromSnapshot(stream, foldHash),
    readCorrelated: (correlationId, options) => read.readCorrelated(correlationId, options),
    head: () => read.head(),
    end: () => read.end(),
    append: (append) => committer.write(() => tables.events.append(append)),
    keepSnapshot: (snapshot) => committer.write(() => keep(snapshot)),
  };
}
