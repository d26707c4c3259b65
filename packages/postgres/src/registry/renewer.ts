import type { Renewer } from 'flotilla/discovery/driver';
import type { Json } from 'flotilla/kernel';
import { RegistryDatabase } from './registry-database.ts';
import { Renewals } from './renewals.ts';

/** Opens the registry once more for the heartbeat thread; `options` is its URL. */
export function openRenewer(options: Json): Renewer {
  // What `postgresRegistry` gave to the thread.
  const database = new RegistryDatabase(options as string);
  const renewals = new Renewals(database);
  return {
    renew: (lease, vitals) => renewals.renew(lease, vitals),
    [Symbol.dispose]: () => void database[Symbol.asyncDispose](),
  };
}
