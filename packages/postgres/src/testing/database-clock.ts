import { Client } from 'pg';

/** The clock of one database, in the hands of a test. */
export interface DatabaseClock extends AsyncDisposable {
  /** Milliseconds as the database sees them. */
  now(): Promise<number>;
  /** Lets time pass for everything that asks the database for the time. */
  advance(ms: number): Promise<void>;
}

const SHADOW = `
  CREATE SCHEMA clock;
  CREATE TABLE clock.shift (ms double precision NOT NULL);
  INSERT INTO clock.shift VALUES (0);
  CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS
    $$ SELECT pg_catalog.clock_timestamp() + ms * interval '1 millisecond' FROM clock.shift $$;
`;

/**
 * Puts a clock that can be moved before the server's own: `clock_timestamp()` of the search path is found first, in this one
 * database and for connections made after this. Creates the database.
 */
export async function takeClock(url: string): Promise<DatabaseClock> {
  const { pathname } = new URL(url);
  const name = pathname.slice(1);
  const server = await connect(Object.assign(new URL(url), { pathname: '/postgres' }).href);
  await server.query(`CREATE DATABASE "${name}"`);
  await server.query(`ALTER DATABASE "${name}" SET search_path = clock, pg_catalog, public`);
  await server.end();
  const client = await connect(url);
  await client.query(SHADOW);
  return {
    async now() {
      const { rows } = await client.query<{ ms: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms');
      return rows[0]!.ms;
    },
    advance: async (ms) => void (await client.query('UPDATE clock.shift SET ms = ms + $1', [ms])),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
