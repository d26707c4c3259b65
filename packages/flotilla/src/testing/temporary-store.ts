import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runtime, systemRuntime } from '../kernel/index.ts';
import { type Database, database, type Store } from '../store/index.ts';
import { sqliteDriver } from '../store/sqlite/index.ts';

export interface TemporaryStoreOptions<TTables> {
  readonly service?: string;
  readonly database?: Database<TTables>;
  readonly runtime?: Pick<Runtime, 'clock'>;
}

/** A real SQLite store in a folder of its own, gone when disposed. */
export async function openTemporaryStore<TTables>(
  options: TemporaryStoreOptions<TTables> = {},
): Promise<{ readonly store: Store<TTables> } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-'));
  const driver = sqliteDriver({ folder, runtime: options.runtime ?? systemRuntime });
  const store = await driver.open(options.service ?? 'orders', options.database ?? database<TTables>({}));
  return {
    store,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
