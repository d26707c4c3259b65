import { FlotillaError, isFlotillaError } from 'flotilla/kernel';
import { systemAddress } from '../store/address.ts';
import type { Connection } from '../store/connection.ts';
import { openOrCreate } from '../store/create-database.ts';
import { sqlState } from '../store/failure.ts';
import { Pool } from '../store/pool.ts';
import { MIGRATION, NOW, SCHEMA } from './schema.ts';

const ANSWER_MS = 5_000;
/** Tables that are not there: nobody made them yet, or somebody wiped them. */
const WIPED: ReadonlySet<string | undefined> = new Set(['42P01', '3F000']);

export type Query = <TRow>(text: string, values?: readonly unknown[]) => Promise<TRow[]>;

export interface RegistryState {
  readonly incarnation: string;
  readonly revision: number;
  readonly forgotten: number;
}

/** A change under way: whoever else wants to change the registry waits, so revisions commit in their order. */
export interface Change {
  readonly query: Query;
  /** The database's clock when the change began. */
  readonly now: number;
  /** The next revision; everybody who watches is told of it when the change commits. */
  next(): Promise<number>;
}

/**
 * The registry's tables over one connection, which is opened when it is needed and again when it was lost; so is the schema. What
 * is asked first is done first. Failures are `REGISTRY_UNAVAILABLE`.
 */
export class RegistryDatabase implements AsyncDisposable {
  readonly description: string;
  readonly #url: string;
  readonly #pool: Pool;
  #migrated: Promise<void> | undefined;
  /** Ends when all that was asked for has ended. */
  #working: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(url: string) {
    const address = systemAddress(url);
    this.#url = url;
    this.description = `PostgreSQL at ${address.description}`;
    this.#pool = new Pool({ url: address.url, name: 'flotilla registry', answerMs: ANSWER_MS, maxConnections: 1 });
  }

  /** One statement; it sees one consistent state. */
  query: Query = async (text, values) => await this.#attempt(() => this.#with((connection) => run(connection, text, values)));

  /** Runs a change that is kept whole or not at all. */
  async change<TResult>(work: (change: Change) => Promise<TResult>): Promise<TResult> {
    return await this.#attempt(() => this.#within((connection) => changeWith(connection, work)));
  }

  async #attempt<TResult>(work: () => Promise<TResult>): Promise<TResult> {
    if (this.#isClosed) throw this.#closed();
    try {
      await (this.#migrated ??= this.#migrate());
      return await work();
    } catch (error) {
      if (!WIPED.has(sqlState(error))) throw this.#failure(error);
    }
    try {
      await (this.#migrated = this.#migrate());
      return await work();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async #migrate(): Promise<void> {
    try {
      await using connection = await openOrCreate(this.#url, systemAddress(this.#url));
      const [found] = await run<{ made: boolean }>(connection, `SELECT to_regclass('${SCHEMA}.instances') IS NOT NULL AS made`);
      if (!found!.made) await connection.execute(MIGRATION);
    } catch (error) {
      this.#migrated = undefined;
      throw error;
    }
  }

  async #within<TResult>(work: (connection: Connection) => Promise<TResult>): Promise<TResult> {
    return await this.#with(async (connection) => {
      await connection.execute('BEGIN');
      try {
        const result = await work(connection);
        await connection.execute('COMMIT');
        return result;
      } catch (error) {
        await connection.execute('ROLLBACK');
        throw error;
      }
    });
  }

  #with<TResult>(work: (connection: Connection) => Promise<TResult>): Promise<TResult> {
    const working = this.#lend(work);
    // With one connection, whoever came last is done last.
    this.#working = working.catch(() => undefined);
    return working;
  }

  async #lend<TResult>(work: (connection: Connection) => Promise<TResult>): Promise<TResult> {
    const connection = await this.#pool.acquire();
    let isSound = true;
    try {
      return await work(connection);
    } catch (error) {
      // What the server refused leaves a sound connection behind; whatever else went wrong may not.
      isSound = sqlState(error) !== undefined || isFlotillaError(error);
      throw error;
    } finally {
      this.#pool.release(connection, isSound);
    }
  }

  #failure(error: unknown): FlotillaError {
    if (isFlotillaError(error)) return error;
    if (this.#isClosed) return this.#closed();
    const why = error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
    const message = `The registry in ${this.description} can't be used for now: ${why}.`;
    return new FlotillaError('REGISTRY_UNAVAILABLE', { kind: 'unavailable', message, cause: error });
  }

  #closed(): FlotillaError {
    const message = `The registry in ${this.description} is closed.`;
    return new FlotillaError('REGISTRY_CLOSED', { kind: 'unavailable', message });
  }

  /** Lets what is under way end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#working;
    await this.#pool[Symbol.asyncDispose]();
  }
}

async function changeWith<TResult>(connection: Connection, work: (change: Change) => Promise<TResult>): Promise<TResult> {
  const query: Query = (text, values) => run(connection, text, values);
  const [state] = await query<{ revision: number; now: number }>(
    `SELECT revision, ${NOW} AS now FROM ${SCHEMA}.registry FOR UPDATE`,
  );
  let { revision } = state!;
  const before = revision;
  const result = await work({
    query,
    now: state!.now,
    next: async () => {
      revision += 1;
      await query(`UPDATE ${SCHEMA}.registry SET revision = $1`, [revision]);
      return revision;
    },
  });
  if (revision > before) await query(`SELECT pg_notify('${SCHEMA}', $1)`, [String(revision)]);
  return result;
}

async function run<TRow>(connection: Connection, text: string, values: readonly unknown[] = []): Promise<TRow[]> {
  // The text decides the columns; the driver can't know them.
  return (await connection.client.query(text, [...values])).rows as TRow[];
}
