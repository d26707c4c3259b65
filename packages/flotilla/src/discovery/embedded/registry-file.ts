import { FlotillaError, isFlotillaError, type Runtime, sleep } from '../../kernel/index.ts';
import { connect, type Connection, isBusy } from './connection.ts';
import { prepareStatements, type Statements } from './statements.ts';

const PATIENCE_MS = 2_000;
const PAUSE_MS = 5;

/**
 * The file that all processes of a machine share. It may be deleted, replaced or damaged under our feet: whatever goes wrong,
 * the next use opens it anew. Failures are `REGISTRY_UNAVAILABLE`.
 */
export class RegistryFile implements Disposable {
  readonly path: string;
  readonly #runtime: Pick<Runtime, 'clock' | 'ids'>;
  #open: { connection: Connection; sql: Statements } | undefined;
  #closed = false;

  constructor(path: string, runtime: Pick<Runtime, 'clock' | 'ids'>) {
    this.path = path;
    this.#runtime = runtime;
  }

  /** Looks at one consistent state, at once or not at all. */
  look<TResult>(look: (sql: Statements) => TResult): TResult {
    try {
      return this.#within('beginRead', look);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Looks at one consistent state. Only somebody who creates or recovers the file makes it wait. */
  async read<TResult>(look: (sql: Statements) => TResult): Promise<TResult> {
    return await this.#patiently('beginRead', look);
  }

  /** Runs a change that is kept whole or not at all. It waits for other writers without blocking the event loop. */
  async write<TResult>(change: (sql: Statements) => TResult): Promise<TResult> {
    return await this.#patiently('beginWrite', change);
  }

  async #patiently<TResult>(begin: 'beginRead' | 'beginWrite', work: (sql: Statements) => TResult): Promise<TResult> {
    const { clock } = this.#runtime;
    const until = clock.monotonic() + PATIENCE_MS;
    for (;;) {
      try {
        return this.#within(begin, work);
      } catch (error) {
        if (!isBusy(error) || clock.monotonic() >= until) throw this.#failure(error);
      }
      await sleep(clock, PAUSE_MS);
    }
  }

  #within<TResult>(begin: 'beginRead' | 'beginWrite', work: (sql: Statements) => TResult): TResult {
    const { connection, sql } = this.#current();
    sql[begin].run();
    try {
      const result = work(sql);
      sql.commit.run();
      return result;
    } finally {
      if (connection.db.isTransaction) connection.db.exec('ROLLBACK');
    }
  }

  #current(): { connection: Connection; sql: Statements } {
    if (this.#closed) throw closed(this.path);
    if (this.#open && !this.#open.connection.isCurrent()) this.#drop();
    if (!this.#open) {
      const connection = connect(this.path, this.#runtime.ids);
      this.#open = { connection, sql: prepareStatements(connection.db) };
    }
    return this.#open;
  }

  #failure(error: unknown): FlotillaError {
    if (isFlotillaError(error)) return error;
    if (!isBusy(error)) this.#drop();
    const message = `The registry at '${this.path}' can't be used for now: ${error instanceof Error ? error.message : String(error)}.`;
    return new FlotillaError('REGISTRY_UNAVAILABLE', { kind: 'unavailable', message, cause: error });
  }

  #drop(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.connection[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#drop();
  }
}

function closed(path: string): FlotillaError {
  return new FlotillaError('REGISTRY_CLOSED', { kind: 'unavailable', message: `The registry at '${path}' is closed.` });
}
