import type { DatabaseSync } from 'node:sqlite';
import type { InboxTable, ParkedMessage } from '../messages.ts';
import type { Direct } from './direct.ts';
import { fromText, prepare, toText } from './statement.ts';

type SeenMessages = Pick<InboxTable, 'insert' | 'prune'>;
type ParkedMessages = Omit<InboxTable, keyof SeenMessages>;

interface ParkedRow {
  consumer: string;
  message_id: string;
  key: string | null;
  envelope: string | null;
  error: string;
  at: number;
}

export function createInboxTable(db: DatabaseSync): Direct<InboxTable> {
  return { ...createSeenMessages(db), ...createParkedMessages(db) };
}

function createSeenMessages(db: DatabaseSync): Direct<SeenMessages> {
  const insert = prepare(db, 'INSERT INTO flotilla_inbox (consumer, message_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const prune = prepare(
    db,
    'DELETE FROM flotilla_inbox WHERE at < ? AND rowid IN (SELECT rowid FROM flotilla_inbox ORDER BY rowid LIMIT ?)',
  );
  return {
    insert: (consumer, messageId, at) => insert.run(consumer, messageId, at).changes === 1,
    prune: (before, limit) => Number(prune.run(before, limit).changes),
  };
}

function createParkedMessages(db: DatabaseSync): Direct<ParkedMessages> {
  const park = prepare(
    db,
    `INSERT INTO flotilla_parked (consumer, message_id, key, envelope, error, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET error = excluded.error, at = excluded.at`,
  );
  const blocked = prepare<object>(db, 'SELECT 1 FROM flotilla_parked WHERE consumer = ? AND key = ? LIMIT 1');
  const oldest = prepare<ParkedRow>(db, 'SELECT * FROM flotilla_parked ORDER BY at, consumer, message_id LIMIT ?');
  const unpark = prepare(db, 'DELETE FROM flotilla_parked WHERE consumer = ? AND message_id = ?');
  return {
    park({ consumer, messageId, key, envelope, error, at }) {
      park.run(consumer, messageId, key ?? null, toText(envelope), error, at);
    },
    isBlocked: (consumer, key) => blocked.get(consumer, key) !== undefined,
    parked: (limit) => oldest.all(limit).map(parkedMessage),
    unpark: (consumer, messageId) => void unpark.run(consumer, messageId),
  };
}

function parkedMessage(row: ParkedRow): ParkedMessage {
  const { consumer, error, at } = row;
  return { consumer, messageId: row.message_id, key: row.key ?? undefined, envelope: fromText(row.envelope), error, at };
}
