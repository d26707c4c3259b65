import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineCase, type Figures } from '../case.ts';
import { temporaryFolder } from '../folder.ts';

const ROWS = 2_000;

/** What the disk gives: rows per second when one, ten or a hundred share a commit that is flushed to it. */
export const sqliteCommit = defineCase({
  name: 'sqlite-commit',
  title: 'node:sqlite alone: rows/s in WAL with synchronous=FULL, by rows per commit',
  takes: { group: [1, 10, 100] },
  async open({ group }) {
    const folder = await temporaryFolder();
    const db = new DatabaseSync(join(folder.path, 'commit.db'));
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE log (pos INTEGER PRIMARY KEY, data TEXT)');
    return {
      round: async () => ({ own: insert(db, group) }),
      [Symbol.asyncDispose]: () => {
        db.close();
        return folder[Symbol.asyncDispose]();
      },
    };
  },
});

function insert(db: DatabaseSync, group: number): Figures {
  const statement = db.prepare('INSERT INTO log (data) VALUES (?)');
  const data = 'x'.repeat(200);
  const start = performance.now();
  for (let row = 0; row < ROWS; row += group) {
    db.exec('BEGIN IMMEDIATE');
    for (let next = 0; next < group; next += 1) statement.run(data);
    db.exec('COMMIT');
  }
  const ms = performance.now() - start;
  return { perSecond: (ROWS / ms) * 1_000, rowUs: (ms / ROWS) * 1_000 };
}
