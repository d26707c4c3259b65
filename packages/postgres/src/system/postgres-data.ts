import type { StoreDriver } from 'flotilla/store';
import type { DataPlace, Infrastructure } from 'flotilla/system';
import { postgresRegistry } from '../registry/postgres-registry.ts';
import { postgresDriver } from '../store/driver.ts';
import { enterSystem } from './identity.ts';
import { type ReachOptions, untilReached } from './until-reached.ts';

export interface PostgresDataOptions {
  /**
   * `postgres://[user[:password]@]host[:port]/system`. The database of that name holds what the parts of the system share;
   * each service has one of its own beside it, `<system>_<service>`. They are created where the user may.
   */
  readonly url: string;
}

/** The data of a system in PostgreSQL: databases of its services, and the registry. A server that is away is waited for. */
export function postgresData({ url }: PostgresDataOptions): Infrastructure['openData'] {
  return async ({ system, shared, signal, runtime, log }): Promise<DataPlace> => {
    const reach = { url, signal, runtime, log };
    const seal = await untilReached(reach, () => enterSystem(url, system));
    await using scope = new AsyncDisposableStack();
    const driver = patient(scope.use(postgresDriver({ url, system, runtime, log })), reach);
    const registry = shared ? scope.use(postgresRegistry({ url, runtime, log })) : undefined;
    const opened = scope.move();
    return { driver, registry, seal, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  };
}

function patient(driver: StoreDriver, reach: ReachOptions): StoreDriver {
  return {
    description: driver.description,
    open: (service, database) => untilReached(reach, () => driver.open(service, database)),
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}
