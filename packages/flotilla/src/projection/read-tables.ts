import type { Kysely } from 'kysely';

/** The tables of a read model. */
export interface ReadTables<TTables = unknown> {
  readonly names: readonly string[];
  /** Creates them with their indexes, under the names that `db` gives them. */
  create(db: Kysely<unknown>): Promise<void>;
  /** Exists in the types only. */
  readonly tables?: TTables;
}

/**
 * Declares the tables of a read model, each by what creates it and its indexes: `tables<Lists>({ lists: async (db) => … })`. Every build
 * has tables of its own under numbered names; the plain name is a view of the build in use, which is what queries read.
 */
export function tables<TTables>(create: {
  [TName in keyof TTables & string]: (db: Kysely<TTables>) => Promise<unknown>;
}): ReadTables<TTables> {
  return {
    names: Object.keys(create),
    async create(db) {
      // The declaration knows its tables; the engine handles all alike.
      const steps = Object.values(create) as ((db: Kysely<unknown>) => Promise<unknown>)[];
      for (const step of steps) await step(db);
    },
  };
}
