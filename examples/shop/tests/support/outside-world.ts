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
  return read(data, 'provider.db', 'SELECT reference, kind, amount FROM movements ORDER BY rowid');
}

/** The mailer's books: the keys of the mails it delivered. */
export function mailKeys(data: string): string[] {
  return read<{ key: string }>(data, 'mailer.db', 'SELECT key FROM mails').map(({ key }) => key);
}

function read<TRow>(data: string, file: string, query: string): TRow[] {
  const path = join(data, 'outside', file);
  if (!existsSync(path)) return [];
  using db = new DatabaseSync(path, { timeout: 5000 });
  return db.prepare(query).all() as unknown as TRow[]; // The queries above say what comes out.
}
