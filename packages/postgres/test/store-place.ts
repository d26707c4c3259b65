import type { StoreDriver } from 'flotilla/store';
import { createFakeRuntime, type StorePlace } from 'flotilla/testing';
import { postgresDriver, type PostgresDriverOptions } from '../src/index.ts';
import type { FreshDatabase, TestPostgres } from '../src/testing/index.ts';

/** An empty place on a server, whose store's clock is the fake one: the database is told what time it is. */
export async function openPostgresPlace(
  postgres: TestPostgres,
  options: Partial<PostgresDriverOptions> = {},
): Promise<StorePlace & { readonly database: FreshDatabase }> {
  const runtime = createFakeRuntime();
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await postgres.freshDatabase());
  const services = new Set<string>();
  const owned = stack.move();

  async function setClock(service: string, now: number): Promise<void> {
    await database.query(
      service,
      `CREATE OR REPLACE FUNCTION flotilla_now() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN ${now}; END'`,
    );
  }

  return {
    database,
    connect(): StoreDriver {
      const driver = owned.use(postgresDriver({ url: database.url, runtime, ...options }));
      return {
        description: driver.description,
        async open(service, declared) {
          const store = await driver.open(service, declared);
          services.add(service);
          await setClock(service, runtime.clock.now());
          return store;
        },
        [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
      };
    },
    now: () => runtime.clock.now(),
    async advance(ms) {
      for (const service of services) await setClock(service, Math.ceil(runtime.clock.now() + ms));
      await runtime.clock.advance(ms);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
