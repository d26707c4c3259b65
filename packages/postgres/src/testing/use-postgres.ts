import { after } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { Client, type QueryResult } from 'pg';
import { findBinaries } from './binaries.ts';
import { type PostgresServer, startPostgres } from './server.ts';

type Row = Record<string, unknown>;

/** A name for databases that nobody else uses; disposing drops every database whose name starts with it. */
export interface FreshDatabase extends AsyncDisposable {
  /** The store makes one database per service beside this one: `<name>_<service>`. */
  readonly url: string;
  /** Runs statements in the database that belongs to a service; returns the rows of the last one. */
  query(service: string, sql: string): Promise<Row[]>;
}

export interface TestPostgres {
  /** Why there is no server here and how to get one, for the `skip` of a `describe`; false when there is one. */
  readonly skip: string | false;
  /** Each test takes one of its own. */
  freshDatabase(): Promise<FreshDatabase>;
}

const NO_SERVER =
  'needs PostgreSQL 14 or newer: install it (apt-get install postgresql), or set FLOTILLA_TEST_POSTGRES_URL to a superuser of a server';

/** Nobody cuts the power of this server, so its commits need not survive that. */
const HASTY = { fsync: 'off', full_page_writes: 'off', autovacuum_naptime: '1h' };

/**
 * The server for the tests of one file, to be called at its top: the one that `FLOTILLA_TEST_POSTGRES_URL` names, or a private
 * one that starts with the first test and ends after the last.
 */
export function usePostgres(): TestPostgres {
  const given = systemRuntime.env.FLOTILLA_TEST_POSTGRES_URL;
  let started: Promise<PostgresServer> | undefined;
  let count = 0;
  after(async () => await (await started)?.[Symbol.asyncDispose]());

  return {
    skip: given === undefined && findBinaries() === undefined ? NO_SERVER : false,
    async freshDatabase() {
      const server = given ?? (await (started ??= startPostgres({ settings: HASTY }))).url;
      count += 1;
      return freshDatabase(server, `test_${process.pid}_${count}`);
    },
  };
}

/** Likewise, for tests that stop and kill the server: never one that belongs to somebody else. */
export const noPrivatePostgres: string | false = findBinaries() === undefined ? NO_SERVER : false;

/** A name of its own for databases on any server. */
export function freshDatabase(server: string, name: string): FreshDatabase {
  const urlOf = (database: string): string => Object.assign(new URL(server), { pathname: `/${database}` }).href;
  return {
    url: urlOf(name),
    query: (service, sql) => queryOnce(urlOf(`${name}_${service.replaceAll('-', '_')}`), sql),
    async [Symbol.asyncDispose]() {
      const found = await queryOnce(server, `SELECT datname FROM pg_database WHERE datname ~ '^${name}(_|$)'`);
      for (const { datname } of found) await queryOnce(server, `DROP DATABASE "${String(datname)}" WITH (FORCE)`);
    },
  };
}

async function queryOnce(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The library answers several statements with a list, which its types leave out.
    const result = (await client.query(sql)) as QueryResult<Row> | QueryResult<Row>[];
    return Array.isArray(result) ? result.at(-1)!.rows : result.rows;
  } finally {
    await client.end();
  }
}
