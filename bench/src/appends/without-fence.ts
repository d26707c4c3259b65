import { Client } from 'pg';

/**
 * Takes the ordering fence out of a database, to see what it costs: positions are given without the lock that readers look for. A
 * log without it loses events for its readers.
 */
export async function withoutFence(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE OR REPLACE FUNCTION flotilla_next_position() RETURNS bigint LANGUAGE plpgsql AS
    'BEGIN RETURN nextval(''flotilla_positions''); END'`);
  await client.end();
}
