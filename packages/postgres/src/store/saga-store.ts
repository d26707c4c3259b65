import type { SagaStore } from 'flotilla/store';
import type { Committer } from './committer.ts';
import { INSERTS, mergeOf } from './merges.ts';
import { createSagaClaims } from './saga-claims.ts';
import { createSagaReader } from './saga-reader.ts';
import type { Queries } from './statement.ts';
import type { Units } from './units.ts';

export interface SagaStoreOptions {
  /** For what must be quick. */
  readonly engine: Queries;
  readonly reads: Queries;
  readonly committer: Committer;
  readonly units: Units;
}

/** Sagas for their coordinator. Inserts and most advances share transactions; the rest are units. */
export function createSagaStore({ engine, reads, committer, units }: SagaStoreOptions): SagaStore {
  return {
    ...createSagaReader(reads),
    ...createSagaClaims(engine),
    async insert(saga) {
      units.refuseNesting();
      return await committer.submit(INSERTS, saga);
    },
    async advance(advance) {
      units.refuseNesting();
      const merge = mergeOf(advance);
      if (merge) return await committer.submit(merge, advance);
      return await units.submit((tx) => tx.sagas.advance(advance));
    },
  };
}
