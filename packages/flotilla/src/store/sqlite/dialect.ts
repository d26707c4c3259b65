import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { createLruMap, FlotillaError } from '../../kernel/index.ts';
import { checkParameters } from '../parameters.ts';
import type { Guard } from './direct.ts';
import { statementFailure } from './failure.ts';

const STATEMENTS_KEPT = 256;
const WRITES: ReadonlySet<string> = new Set(['InsertQueryNode', 'UpdateQueryNode', 'DeleteQueryNode']);

/** Runs a compiled query at once. */
export type QueryRunner = (query: CompiledQuery) => QueryResult<Record<string, unknown>>;

interface KnownStatement {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** Runs the queries of a service on one connection, keeping its statements prepared. */
export function createQueryRunner(db: DatabaseSync): QueryRunner {
  const known = createLruMap<string, KnownStatement>({ maxEntries: STATEMENTS_KEPT });

  function statementOf(sql: string): KnownStatement {
    let entry = known.get(sql);
    if (!entry) {
      refuseControl(sql);
      const statement = db.prepare(sql);
      entry = { statement, returnsRows: statement.columns().length > 0 };
      known.set(sql, entry);
    }
    return entry;
  }

  return ({ sql, parameters, query }) => {
    const values = checkParameters(parameters);
    try {
      const { statement, returnsRows } = statementOf(sql);
      // SQLite's rows have no prototype; a service expects plain objects.
      if (returnsRows) return { rows: statement.all(...values).map((row) => ({ ...row })) };
      const { changes, lastInsertRowid } = statement.run(...values);
      if (!WRITES.has(query.kind)) return { rows: [] };
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (thrown) {
      throw statementFailure(thrown);
    }
  };
}

/** The query builder over a connection that somebody else opens, closes and commits. It works while the guard lets it. */
export function createKysely<TTables>(run: QueryRunner, guard: Guard): Kysely<TTables> {
  return new Kysely<TTables>({
    dialect: {
      createDriver: () => new BorrowedConnection(run, guard),
      createAdapter: () => ADAPTER,
      createQueryCompiler: () => COMPILER,
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
  });
}

/** Queries run at once, so they need no lock against one another. */
class ConcurrentAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

const ADAPTER = new ConcurrentAdapter();
const COMPILER = new SqliteQueryCompiler();

/** Driver and connection in one: there is nothing to open, and the transaction belongs to the store. */
class BorrowedConnection implements Driver, DatabaseConnection {
  readonly #run: QueryRunner;
  readonly #guard: Guard;

  constructor(run: QueryRunner, guard: Guard) {
    this.#run = run;
    this.#guard = guard;
  }

  async executeQuery<TRow>(query: CompiledQuery): Promise<QueryResult<TRow>> {
    this.#guard.assertOpen();
    // The service's table types say what its rows look like.
    return this.#run(query) as QueryResult<TRow>;
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<TRow>(): AsyncIterableIterator<QueryResult<TRow>> {
    throw new FlotillaError('STREAMING_UNSUPPORTED', {
      kind: 'internal',
      message: 'Rows are not streamed. Read them in pages with limit.',
    });
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this;
  }

  async beginTransaction(): Promise<void> {
    throw controlRefused();
  }
  async commitTransaction(): Promise<void> {
    throw controlRefused();
  }
  async rollbackTransaction(): Promise<void> {}
  async init(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

const COMMENTS = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*`;
const CONTROL = new RegExp(`^${COMMENTS}(begin|commit|end|rollback|savepoint|release|attach|detach|pragma|vacuum)\\b`, 'i');

/** The commit is shared with other units: a service that ended it by hand would tear them apart. */
function refuseControl(sql: string): void {
  if (CONTROL.test(sql)) throw controlRefused();
}

function controlRefused(): FlotillaError {
  return new FlotillaError('NESTED_TRANSACTION', {
    kind: 'internal',
    message:
      'The store begins and commits by itself. Use store.transact, and write no transaction, PRAGMA or ATTACH of your own.',
  });
}
