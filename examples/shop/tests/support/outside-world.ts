import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Movement {
  reference: string;
  kind: 'charge' | 'refund';
  amount: number;
}

/** The payment provider's books, read behind the shop's back. */
export function movements(data: string): Movement[] {
  return read(data, { file: 'provider.db', table: 'movements', columns: 'reference, kind, amount' });
}

/** The mailer's books: the keys of the mails it delivered. */
export function mailKeys(data: string): string[] {
  return read<{ key: string }>(data, { file: 'mailer.db', table: 'mails', columns: 'key' }).map(({ key }) => key);
}

/** All rows in the order they were written; none before the first business. */
function read<TRow>(data: string, { file, table, columns }: { file: string; table: string; columns: string }): TRow[] {
  const path = join(data, 'outside', file);
  if (!existsSync(path)) return [];
  using db = new DatabaseSync(path, { timeout: 5000 });
  if (!db.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(table)) return [];
  const rows = db.prepare(`SELECT ${columns} FROM ${table} ORDER BY rowid`).all();
  return rows as unknown as TRow[]; // The columns asked for above.
}
