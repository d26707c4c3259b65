import type { DatabaseSync } from 'node:sqlite';
import type { Runtime } from '../../kernel/index.ts';
import type { SagaStore } from '../sagas.ts';
import type { Committer } from './committer.ts';
import { type Guard, guarded } from './direct.ts';
import { createSagaClaims } from './saga-claims.ts';
import { createSagaReader, type SagaReader } from './saga-reader.ts';
import type { Tables } from './tables.ts';

export interface SagaStoreOptions {
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  readonly tables: Pick<Tables, 'sagas'>;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly committer: Committer;
  readonly guard: Guard;
}

/** Sagas for their coordinator: what writes is a unit like any other and shares commits with all of them. */
export function createSagaStore({ writer, reader, tables, runtime, committer, guard }: SagaStoreOptions): SagaStore {
  const claims = createSagaClaims(writer, runtime.clock);
  const read = guarded<SagaReader>(createSagaReader(reader))(guard);
  return {
    find: (id) => read.find(id),
    list: (options) => read.list(options),
    nextWake: (kinds) => read.nextWake(kinds),
    pauses: () => read.pauses(),
    strangers: (kinds) => read.strangers(kinds),
    insert: (saga) => committer.write(() => tables.sagas.insert(saga)),
    async claim(options) {
      // A look costs less than the write lock, and most looks of an idle service find nothing.
      const wake = await read.nextWake(options.kinds);
      if (wake === undefined || wake > runtime.clock.now()) return [];
      return await committer.write(() => claims.claim(options));
    },
    advance: (advance) => committer.write(() => tables.sagas.advance(advance)),
    renew: (owner, held, leaseMs) => committer.write(() => claims.renew(owner, held, leaseMs)),
  };
}
