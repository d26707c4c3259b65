import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mailKeys, type Movement, movements } from './outside-world.ts';

/** The companies outside the shop, in files of their own. */
export interface Books extends Disposable {
  /** Settings of the services that do business with them. */
  readonly settings: Readonly<Record<string, { books: string }>>;
  movements(): Movement[];
  mailKeys(): string[];
  /** They forget everything. */
  clear(): void;
}

export function openBooks(): Books {
  const folder = mkdtempSync(join(tmpdir(), 'shop-books-'));
  const [provider, mailer] = ['provider.db', 'mailer.db'].map((file) => join(folder, 'outside', file));
  return {
    settings: { payments: { books: provider! }, notifications: { books: mailer! } },
    movements: () => movements(folder),
    mailKeys: () => mailKeys(folder),
    clear() {
      for (const path of [provider!, mailer!]) empty(path);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A file that nobody has written to yet has no tables, and its folder may not be there. */
function empty(path: string): void {
  if (!existsSync(path)) return;
  using db = new DatabaseSync(path);
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  db.exec(tables.map(({ name }) => `DELETE FROM ${String(name)};`).join(''));
}
