import { DatabaseSync } from 'node:sqlite';
import type { ProjectionTarget } from '../index.ts';
import type { AccountEvent } from './bank.ts';

/** A read model in a database of somebody else's: sums by account, and how far each build has come. */
export interface LedgerTarget extends ProjectionTarget<AccountEvent>, Disposable {
  /** What its users read. */
  sums(): Record<string, number>;
  builds(): number[];
}

export function ledgerTarget(path: string): LedgerTarget {
  const db = new DatabaseSync(path);
  db.exec(`
    CREATE TABLE IF NOT EXISTS places (build INTEGER PRIMARY KEY, position INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS in_use (one INTEGER PRIMARY KEY CHECK (one = 1), build INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS sums (build INTEGER, id TEXT, sum INTEGER NOT NULL, PRIMARY KEY (build, id))`);
  const positionOf = (build: number): number =>
    Number(db.prepare('SELECT position FROM places WHERE build = ?').get(build)?.position ?? 0);
  const add = db.prepare('INSERT INTO sums VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sum = sum + excluded.sum');
  const move = db.prepare(
    'INSERT INTO places (build, position) VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
  );

  return {
    position: async (build) => positionOf(build),
    async write(events, { build, from, to }) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const stands = positionOf(build) === from;
        if (stands) {
          for (const event of events) add.run(build, event.aggregateId, event.type === 'Deposited' ? event.data.amount : 0);
          move.run(build, to);
        }
        db.exec('COMMIT');
        return stands;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    activate: async (build) => void db.prepare('INSERT OR REPLACE INTO in_use VALUES (1, ?)').run(build),
    async drop(build) {
      db.prepare('DELETE FROM sums WHERE build = ?').run(build);
      db.prepare('DELETE FROM places WHERE build = ?').run(build);
    },
    sums() {
      const rows = db.prepare('SELECT id, sum FROM sums JOIN in_use USING (build) ORDER BY id').all();
      return Object.fromEntries(rows.map(({ id, sum }) => [String(id), Number(sum)]));
    },
    builds: () =>
      db
        .prepare('SELECT build FROM places ORDER BY build')
        .all()
        .map(({ build }) => Number(build)),
    [Symbol.dispose]: () => db.close(),
  };
}
