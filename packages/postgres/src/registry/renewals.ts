import type { Lease, Vitals } from 'flotilla/discovery';
import { renew } from './changes.ts';
import type { RegistryDatabase } from './registry-database.ts';
import { HASTE, NOW, SCHEMA } from './schema.ts';

interface Waiting {
  readonly lease: Lease;
  readonly blocked: 0 | 1;
  readonly resolve: (kept: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Extends leases. Those that are asked for in the same moment go together: a process of many instances sends few statements. */
export class Renewals {
  readonly #database: RegistryDatabase;
  #waiting: Waiting[] = [];

  constructor(database: RegistryDatabase) {
    this.#database = database;
  }

  renew(lease: Lease, vitals: Vitals = { blocked: false }): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lease, blocked: vitals.blocked ? 1 : 0, resolve, reject });
      if (this.#waiting.length === 1) queueMicrotask(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const extended = await this.#extend(batch);
      await Promise.all(batch.map(async (one) => one.resolve(extended.has(keyOf(one.lease)) || (await this.#revive(one)))));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Plain heartbeats are no news for anybody: they wait for no other change and take no revision. */
  async #extend(batch: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const column = (of: (one: Waiting) => unknown): unknown[] => batch.map(of);
    const rows = await this.#database.query<Lease>(
      `UPDATE ${SCHEMA}.instances AS one SET expires_at = ${NOW} + one.ttl_ms
         FROM unnest($1::text[], $2::bigint[], $3::smallint[]) AS kept (id, epoch, blocked), (SELECT ${HASTE}) AS haste
         WHERE one.id = kept.id AND one.epoch = kept.epoch AND one.blocked = kept.blocked AND one.stale = 0 AND one.gone IS NULL
         RETURNING one.id, one.epoch`,
      [column(({ lease }) => lease.id), column(({ lease }) => lease.epoch), column(({ blocked }) => blocked)],
    );
    return new Set(rows.map(keyOf));
  }

  #revive({ lease, blocked }: Waiting): Promise<boolean> {
    return this.#database.change((change) => renew(change, lease, blocked));
  }
}

/** One text for an incarnation. */
function keyOf({ id, epoch }: Lease): string {
  return `${epoch} ${id}`;
}
