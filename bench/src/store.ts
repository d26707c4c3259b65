import { postgresDriver } from '@flotilla/postgres';
import { systemRuntime as runtime } from 'flotilla/kernel';
import type { StoreDriver } from 'flotilla/store';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { createLogger } from 'flotilla/telemetry';
import { folderUntilExit } from './folder.ts';

/** Where databases of services are made. */
export interface StorePlace {
  readonly store: string;
  /** Of the database server, for `postgres`. */
  readonly url?: string | undefined;
  /** For `sqlite`; one that disappears with this process unless said. */
  readonly folder?: string | undefined;
}

/** Opens empty databases of the kind that was asked for. */
export async function openDriver({ store, url, folder }: StorePlace): Promise<StoreDriver> {
  const log = await createLogger();
  if (store === 'postgres') return postgresDriver({ url: url!, runtime, log });
  return sqliteDriver({ folder: folder ?? (await folderUntilExit()), runtime, log });
}
