import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemRuntime } from '../../kernel/index.ts';
import { database } from '../../store/index.ts';
import { sqliteDriver } from '../../store/sqlite/index.ts';

// Commits one unit after the other, sometimes several at once, and says so after each. What it says must never be taken back.
const [, , folder, units, durability] = process.argv;
const TEXT = 'x'.repeat(20_000);
const AT_ONCE = 3;
const CHECKPOINT_EVERY = 30;

if (durability === 'normal') pretendToBeDurable();
await using driver = sqliteDriver({ folder: folder!, runtime: systemRuntime });
const store = await driver.open('ledger', database({}));
for (let first = 1; first <= Number(units); first += AT_ONCE) {
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => commit(first + index)));
  if (first % CHECKPOINT_EVERY === 1) checkpoint();
}

async function commit(number: number): Promise<void> {
  const id = String(number);
  await store.transact(async (tx) => {
    await tx.inbox.insert('worker', id, number);
    const event = { type: 'Written', schemaVersion: 1, id, data: TEXT, meta: { correlationId: id }, at: number };
    await tx.events.append({ events: [event] });
  });
  // Synchronously, so that nothing comes between the commit and its word.
  writeSync(1, `committed ${id}\n`);
}

/** Copies the log into the database, as happens by itself when enough was written. */
function checkpoint(): void {
  using db = new DatabaseSync(join(folder!, 'ledger.db'));
  db.exec('PRAGMA wal_checkpoint');
}

/** A database in mode NORMAL that says it is in mode FULL: what a store would be that did not care. */
function pretendToBeDurable(): void {
  const { exec, prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (text) {
    exec.call(this, text.replace('synchronous = FULL', 'synchronous = NORMAL'));
  };
  DatabaseSync.prototype.prepare = function (text) {
    return prepare.call(this, text === 'PRAGMA synchronous' ? 'SELECT 2 AS synchronous' : text);
  };
}
