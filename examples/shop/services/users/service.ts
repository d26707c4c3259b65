import { hashPassword, verifyPassword } from 'flotilla/security';
import { service } from 'flotilla/service';
import { users } from '../../contracts/users.ts';
import { usersDatabase } from './database.ts';
import { publicKeys, tokenFor } from './tokens.ts';

export const usersService = service(users, {
  database: usersDatabase,
  handlers: {
    register: {
      // Hashing takes its time on purpose, so it happens before the transaction.
      prepare: async ({ email, name, password }) => {
        const password_hash = await hashPassword(password);
        return async ({ db, fail, newId }) => {
          const taken = await db.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
          if (taken) return fail('EMAIL_TAKEN', { email }, `There is an account for ${email} already.`);
          const id = newId();
          await db.insertInto('users').values({ id, email, name, password_hash, role: 'customer' }).execute();
          return { id };
        };
      },
    },

    signIn: async ({ email, password }, { db, fail }) => {
      const user = await db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
      // Takes as long for an unknown email as for a wrong password, and says the same.
      const { ok } = await verifyPassword(password, user?.password_hash);
      if (!user || !ok) return fail('WRONG_CREDENTIALS', {}, 'Email or password is wrong.');
      return { token: await tokenFor(db, user) };
    },

    keys: async (_, { db }) => {
      const { keys } = await publicKeys(db);
      return { keys: [...keys] };
    },

    contact: async ({ userId }, { db }) => {
      const user = await db.selectFrom('users').select(['name', 'email']).where('id', '=', userId).executeTakeFirst();
      return user ?? null;
    },

    appoint: async ({ email, role }, { db, fail }) => {
      const { numUpdatedRows } = await db.updateTable('users').set({ role }).where('email', '=', email).executeTakeFirst();
      if (numUpdatedRows === 0n) fail('NO_SUCH_USER', { email }, `Nobody registered with ${email}.`);
    },
  },
});
