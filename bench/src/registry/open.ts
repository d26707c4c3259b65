import { postgresRegistry } from '@flotilla/postgres';
import { type Registry, sqliteRegistry } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';

/** The registry that the arguments of this process name: its kind, and a folder or a URL. */
export function openRegistry(): Registry {
  const [store, place] = process.argv.slice(2);
  return store === 'postgres' ? postgresRegistry({ url: place!, runtime }) : sqliteRegistry({ folder: place!, runtime });
}
