import { database } from 'flotilla/store';

export interface NotificationsTables {
  notifications: { key: string; customer_id: string; status: 'sent' | 'undeliverable'; at: number };
}

export const notificationsDatabase = database<NotificationsTables>({
  '001 notifications': async (db) => {
    await db.schema
      .createTable('notifications')
      .addColumn('key', 'text', (column) => column.primaryKey())
      .addColumn('customer_id', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
  },
});
