import { systemRuntime } from 'flotilla/kernel';
import { createSigningKey } from 'flotilla/security';
import { database } from 'flotilla/store';

export interface UsersTables {
  users: { id: string; email: string; name: string; password_hash: string; role: 'customer' | 'clerk' };
  /** JSON Web Keys, private halves included: whoever reads this table can sign anybody in. */
  signing_keys: { kid: string; jwk: string };
}

export const usersDatabase = database<UsersTables>({
  '001 users': async (db) => {
    await db.schema
      .createTable('users')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('email', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'text', (column) => column.notNull())
      .addColumn('role', 'text', (column) => column.notNull())
      .execute();
  },
  // A migration runs once in the life of a database, which is just how often a key should be made.
  '002 signing key': async (db) => {
    await db.schema
      .createTable('signing_keys')
      .addColumn('kid', 'text', (column) => column.primaryKey())
      .addColumn('jwk', 'text', (column) => column.notNull())
      .execute();
    const key = await createSigningKey(systemRuntime.ids);
    await db
      .insertInto('signing_keys')
      .values({ kid: key.kid, jwk: JSON.stringify(key) })
      .execute();
  },
});
