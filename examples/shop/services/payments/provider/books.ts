import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Charge } from './provider.ts';

/**
 * The stand-in provider's own memory, kept in a file of its own because it is another company's. `movements` is what an
 * auditor reads: money in and money out, never changed.
 */
export class ProviderBooks implements Disposable {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#db = new DatabaseSync(path);
    // Outlives a killed process. How another company survives a power loss is not ours to pay for on every call.
    this.#db.exec(`
      PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS movements (
        reference TEXT, kind TEXT CHECK (kind IN ('charge', 'refund')), amount INTEGER NOT NULL, currency TEXT NOT NULL,
        PRIMARY KEY (reference, kind)) STRICT;
      CREATE TABLE IF NOT EXISTS closed (reference TEXT PRIMARY KEY) STRICT;
      CREATE TABLE IF NOT EXISTS attempts (reference TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;`);
  }

  /** How often this was tried, this time included. */
  countAttempt(reference: string): number {
    const row = this.#db
      .prepare('INSERT INTO attempts VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count')
      .get(reference);
    return Number(row!.count);
  }

  /** Takes the money, once per reference. False when the reference is closed. */
  take({ reference, amount, currency }: Charge): boolean {
    this.#db
      .prepare(
        `INSERT INTO movements SELECT ?1, 'charge', ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM closed WHERE reference = ?1) ON CONFLICT DO NOTHING`,
      )
      .run(reference, amount, currency);
    return this.#db.prepare('SELECT 1 FROM closed WHERE reference = ?').get(reference) === undefined;
  }

  /** Gives back what was taken and closes the reference. */
  giveBack(reference: string): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      this.#db.prepare('INSERT INTO closed VALUES (?) ON CONFLICT DO NOTHING').run(reference);
      this.#db
        .prepare(
          `INSERT INTO movements SELECT reference, 'refund', amount, currency FROM movements
           WHERE reference = ? AND kind = 'charge' ON CONFLICT DO NOTHING`,
        )
        .run(reference);
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
