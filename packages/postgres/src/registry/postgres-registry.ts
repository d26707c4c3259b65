import { extname } from 'node:path';
import {
  checkInstance,
  HEARTBEAT_MS,
  type Instance,
  type InstanceStatus,
  type Lease,
  type LeaseState,
  type Registration,
  type Registry,
  type RegistryListener,
  type RegistrySnapshot,
  type Vitals,
} from 'flotilla/discovery';
import { HeartbeatThread, instanceOf, type InstanceRow, startSweeper, TELL_MS } from 'flotilla/discovery/driver';
import { isFlotillaError, type Runtime } from 'flotilla/kernel';
import { type Health, type Logger, silentLogger } from 'flotilla/telemetry';
import { Bell } from './bell.ts';
import { deregister, register, setStatus, sweep } from './changes.ts';
import { type Change, RegistryDatabase } from './registry-database.ts';
import { Renewals } from './renewals.ts';
import { NOW, SCHEMA } from './schema.ts';
import { Watchers } from './watchers.ts';

export interface PostgresRegistryOptions {
  /** `postgres://[user:password@]host[:port]/database`: the database of the system; the registry makes its own schema in it. */
  readonly url: string;
  /** Between renewals of a lease that is kept alive; 10 s unless said. */
  readonly heartbeatMs?: number | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log?: Logger | undefined;
}

/**
 * The registry of a system on many machines, in a database that all of them reach. It connects with its first use and again
 * whenever it has to, so a server that is away now may be there later. Times are those of the database.
 */
export function postgresRegistry(options: PostgresRegistryOptions): Registry {
  return new PostgresRegistry(options);
}

const RENEWER = new URL(`./renewer${extname(import.meta.filename)}`, import.meta.url).href;

class PostgresRegistry implements Registry {
  readonly description: string;
  readonly #database: RegistryDatabase;
  readonly #renewals: Renewals;
  readonly #watchers: Watchers;
  readonly #bell: Bell;
  readonly #sweeper: Disposable;
  readonly #heartbeats: HeartbeatThread;

  constructor({ url, runtime, log = silentLogger, heartbeatMs = HEARTBEAT_MS }: PostgresRegistryOptions) {
    const database = (this.#database = new RegistryDatabase(url));
    this.description = database.description;
    this.#renewals = new Renewals(database);
    this.#watchers = new Watchers({ database, runtime, log });
    this.#bell = new Bell({ url, runtime, onRing: (revision) => this.#watchers.rang(revision) });
    this.#sweeper = startSweeper({ look: () => this.#lookForSweeping(), sweep: () => this.#change(sweep), runtime, log });
    this.#heartbeats = new HeartbeatThread({ module: RENEWER, options: url, heartbeatMs, runtime, log });
  }

  async register(registration: Registration): Promise<Instance> {
    checkInstance(registration);
    return instanceOf(await this.#change((change) => register(change, registration)));
  }

  async renew(lease: Lease, vitals?: Vitals): Promise<boolean> {
    return await this.#renewals.renew(lease, vitals);
  }

  async setStatus(lease: Lease, status: InstanceStatus): Promise<boolean> {
    return await this.#change((change) => setStatus(change, lease, status));
  }

  async deregister(lease: Lease): Promise<boolean> {
    return await this.#change((change) => deregister(change, lease));
  }

  async list(service?: string): Promise<RegistrySnapshot> {
    const rows = await this.#database.query<ListedRow>(
      `SELECT state.incarnation, state.revision AS reached, entry.* FROM ${SCHEMA}.registry AS state
         LEFT JOIN ${SCHEMA}.instances AS entry ON entry.gone IS NULL AND ($1::text IS NULL OR entry.service = $1)
         ORDER BY entry.service, entry.id`,
      [service],
    );
    const { incarnation, reached } = rows[0]!;
    return { incarnation, revision: reached, instances: rows.filter(isInstance).map(instanceOf) };
  }

  watch(service: string | undefined, listener: RegistryListener): Disposable {
    this.#bell.listen();
    return this.#watchers.add(service, listener);
  }

  keepAlive(lease: Lease, listener: (state: LeaseState) => void): Disposable {
    return this.#heartbeats.keep(lease, listener);
  }

  async check(): Promise<Health> {
    try {
      await this.#database.query(`SELECT revision FROM ${SCHEMA}.registry`);
      return { status: 'UP' };
    } catch (error) {
      return { status: 'DOWN', reason: isFlotillaError(error) ? error.message : String(error) };
    }
  }

  async #lookForSweeping(): Promise<{ now: number; isDue: boolean }> {
    const [found] = await this.#database.query<{ now: number; isDue: boolean }>(
      `SELECT ${NOW} AS now, EXISTS (
         SELECT FROM ${SCHEMA}.instances WHERE expires_at <= ${NOW} - CASE WHEN gone IS NULL THEN 0 ELSE ${TELL_MS} END
       ) AS "isDue"`,
    );
    return found!;
  }

  async #change<TResult>(work: (change: Change) => Promise<TResult>): Promise<TResult> {
    const result = await this.#database.change(work);
    await this.#watchers.look();
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweeper[Symbol.dispose]();
    this.#watchers[Symbol.dispose]();
    await this.#heartbeats[Symbol.asyncDispose]();
    await this.#bell[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
  }
}

/** The state of the registry beside each instance, or alone where there is none. */
type ListedRow = { readonly incarnation: string; readonly reached: number } & (InstanceRow | { readonly id: null });

function isInstance(row: ListedRow): row is ListedRow & InstanceRow {
  return row.id !== null;
}
