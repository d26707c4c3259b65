import type { InboxTable, ParkedMessage } from 'flotilla/store';
import { fromText, type Queries, statement, toText } from './statement.ts';

interface ParkedRow {
  consumer: string;
  message_id: string;
  key: string | null;
  envelope: string | null;
  error: string;
  at: number;
}

export const INSERT_SEEN = statement(
  'INSERT INTO flotilla_inbox (consumer, message_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
);
const prune = statement(
  `DELETE FROM flotilla_inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM flotilla_inbox WHERE at < $1 LIMIT $2))`,
);
const park = statement(
  `INSERT INTO flotilla_parked (consumer, message_id, key, envelope, error, at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (consumer, message_id) DO UPDATE SET error = excluded.error, at = excluded.at`,
);
const blocked = statement('SELECT 1 FROM flotilla_parked WHERE consumer = $1 AND key = $2 LIMIT 1');
const oldest = statement<ParkedRow>('SELECT * FROM flotilla_parked ORDER BY at, consumer, message_id LIMIT $1');
const unpark = statement('DELETE FROM flotilla_parked WHERE consumer = $1 AND message_id = $2');

export function createInboxTable(db: Queries): InboxTable {
  return {
    insert: async (consumer, messageId, at) => (await db.query(INSERT_SEEN, [consumer, messageId, at])).count === 1,
    prune: async (before, limit) => (await db.query(prune, [before, limit])).count,
    async park({ consumer, messageId, key, envelope, error, at }) {
      await db.query(park, [consumer, messageId, key ?? null, toText(envelope), error, at]);
    },
    isBlocked: async (consumer, key) => (await db.query(blocked, [consumer, key])).count > 0,
    parked: async (limit) => (await db.query(oldest, [limit])).rows.map(parkedMessage),
    unpark: async (consumer, messageId) => void (await db.query(unpark, [consumer, messageId])),
  };
}

function parkedMessage(row: ParkedRow): ParkedMessage {
  const { consumer, error, at } = row;
  return { consumer, messageId: row.message_id, key: row.key ?? undefined, envelope: fromText(row.envelope), error, at };
}
