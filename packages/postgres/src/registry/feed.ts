import type { Instance, RegistryChange, RegistrySnapshot } from 'flotilla/discovery';
import { changeOf, instanceOf, type InstanceRow } from 'flotilla/discovery/driver';
import type { RegistryDatabase, RegistryState } from './registry-database.ts';
import { SCHEMA } from './schema.ts';

/** What became of the registry since the last look. */
export type News =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'changes'; readonly revision: number; readonly changes: readonly RegistryChange[] }
  /** Too much, or nobody knows what: everything is to be told anew. */
  | { readonly kind: 'everything' };

type FeedRow = RegistryState & Partial<Omit<InstanceRow, 'revision'>> & { readonly changed: number | null };

/** Every instance as of the last look, brought up to date by what changed since. */
export class Feed {
  readonly #database: RegistryDatabase;
  readonly #instances = new Map<string, Instance>();
  #seen: RegistryState = { incarnation: NOWHERE, revision: -1, forgotten: -1 };

  constructor(database: RegistryDatabase) {
    this.#database = database;
  }

  get revision(): number {
    return this.#seen.revision;
  }

  snapshot(service: string | undefined): RegistrySnapshot {
    const { incarnation, revision } = this.#seen;
    const all = [...this.#instances.values()];
    return { incarnation, revision, instances: service === undefined ? all : all.filter((one) => one.service === service) };
  }

  async look(): Promise<News> {
    const { incarnation, revision } = this.#seen;
    // One statement, so state and changes are of one moment. It falls back to everything by itself.
    const rows = await this.#database.query<FeedRow>(
      `SELECT state.incarnation, state.revision, state.forgotten, entry.id, entry.service, entry.epoch, entry.facts, entry.status, entry.blocked,
              entry.stale, entry.gone, entry.registered_at, entry.ttl_ms, entry.expires_at, entry.revision AS changed
         FROM ${SCHEMA}.registry AS state
         LEFT JOIN ${SCHEMA}.instances AS entry ON entry.revision >
           CASE WHEN state.incarnation = $1::uuid AND $2::bigint BETWEEN state.forgotten AND state.revision THEN $2::bigint ELSE -1 END
         ORDER BY entry.revision`,
      [incarnation, revision],
    );
    const state = rows[0]!;
    const isContinued = state.incarnation === incarnation && revision >= state.forgotten && revision <= state.revision;
    this.#seen = { incarnation: state.incarnation, revision: state.revision, forgotten: state.forgotten };
    if (!isContinued) this.#instances.clear();
    // Where nothing changed, the join gives the state alone.
    const changed = rows.flatMap((row) => (row.changed === null ? [] : [{ ...row, revision: row.changed } as InstanceRow]));
    for (const row of changed) this.#take(row);
    if (!isContinued) return { kind: 'everything' };
    if (state.revision === revision) return { kind: 'nothing' };
    return { kind: 'changes', revision: state.revision, changes: changed.map(changeOf) };
  }

  #take(row: InstanceRow): void {
    if (row.gone === null) this.#instances.set(row.id, instanceOf(row));
    else this.#instances.delete(row.id);
  }
}

/** No registry is ever drawn this one. */
const NOWHERE = '00000000-0000-0000-0000-000000000000';
