import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Mailer } from './mailer.ts';

/** A mailer for shops without one: it writes what it would deliver into a file of its own, as it is another company. */
export class StandInMailer implements Mailer, Disposable {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#db = new DatabaseSync(path);
    // Outlives a killed process. How another company survives a power loss is not ours to pay for on every call.
    this.#db.exec(`
      PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS mails (
        key TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL) STRICT;`);
  }

  async send({ key, to, subject, text }: Parameters<Mailer['send']>[0]): Promise<void> {
    this.#db.prepare('INSERT INTO mails VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING').run(key, to, subject, text);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** The stand-in whose books are in this file: opened once, as there is only one outside world. */
export function standInMailer(path: string): Mailer {
  let mailer = open.get(path);
  if (!mailer) open.set(path, (mailer = new StandInMailer(path)));
  return mailer;
}

const open = new Map<string, Mailer>();
