import { service } from 'flotilla/service';
import * as z from 'zod';
import { notifications } from '../../contracts/notifications.ts';
import { users } from '../../contracts/users.ts';
import { notificationsDatabase } from './database.ts';

import { standInMailer } from './mailer/stand-in.ts';
import { mailCancellation, mailReturn } from './mails.ts';

export const notificationsService = service(notifications, {
  database: notificationsDatabase,
  calls: { users },
  /** `books`: the file of the stand-in mailer. */
  config: z.object({ books: z.string() }),
  sagas: [mailCancellation, mailReturn],
  handlers: {
    notify: {
      prepare: async ({ orderId, customerId, kind, text }, { calls, config, signal }) => {
        const key = `${kind}:${orderId}`;
        const contact = await calls.users.contact({ userId: customerId });
        if (contact) {
          const mail = { key, to: contact.email, subject: `Order ${orderId}`, text: `Dear ${contact.name},\n\n${text}` };
          await standInMailer(config.books).send(mail, signal);
        }
        const status = contact ? ('sent' as const) : ('undeliverable' as const);

        return async ({ db, now }) => {
          await db
            .insertInto('notifications')
            .values({ key, customer_id: customerId, status, at: now() })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
          return { status };
        };
      },
    },
  },
});
