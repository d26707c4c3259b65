import type { Kysely } from 'kysely';
import type { FlotillaError } from 'flotilla/kernel';
import { createKysely } from './dialect.ts';
import { isDisconnection, isOutage, unavailable } from './failure.ts';
import type { Pool } from './pool.ts';

export interface ReaderOptions {
  readonly service: string;
  readonly pool: Pool;
  readonly closed: () => FlotillaError | undefined;
}

/** The query builder over connections that can't write. Each query sees what was committed when it began. */
export function createReader({ service, pool, closed }: ReaderOptions): Kysely<unknown> {
  return createKysely(async (query) => {
    const refusal = closed();
    if (refusal) throw refusal;
    const connection = await pool.acquire().catch((error: unknown) => {
      throw unavailable(service, error);
    });
    let answered = false;
    try {
      const sent = await connection.sendToRead(query);
      answered = true;
      return sent;
    } catch (error) {
      answered = !isDisconnection(error);
      throw isOutage(error) || isDisconnection(error) ? unavailable(service, error) : error;
    } finally {
      pool.release(connection, answered);
    }
  });
}
