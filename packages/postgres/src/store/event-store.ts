import type { EventReader, EventStore } from 'flotilla/store';
import type { Committer } from './committer.ts';
import { APPENDS } from './merges.ts';
import { keepSnapshot } from './snapshots.ts';
import type { Queries } from './statement.ts';
import type { Units } from './units.ts';

export interface EventStoreOptions {
  readonly engine: Queries;
  readonly reader: EventReader;
  readonly committer: Committer;
  readonly units: Units;
}

/** The log outside a unit: appends share transactions. */
export function createEventStore({ engine, reader, committer, units }: EventStoreOptions): EventStore {
  return {
    ...reader,
    async append(append) {
      units.refuseNesting();
      if (append.events.length > 0) return await committer.submit(APPENDS, append);
      return await units.submit((tx) => tx.events.append(append));
    },
    async keepSnapshot(snapshot) {
      units.refuseNesting();
      await keepSnapshot(engine, snapshot);
    },
  };
}
