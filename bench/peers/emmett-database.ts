import { Client } from 'pg';

/** An empty database on the server of a URL, beside the one that it names; Emmett does not create its own. */
export async function emmettDatabase(url: string | undefined): Promise<string> {
  if (url === undefined) throw new Error('Name a database on a PostgreSQL server: --url postgres://…');
  const own = new URL(`${url}_emmett`);
  const client = new Client({ connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href });
  await client.connect();
  await client.query(`CREATE DATABASE "${own.pathname.slice(1)}"`);
  await client.end();
  return own.href;
}
