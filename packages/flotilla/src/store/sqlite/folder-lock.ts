import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Two processes that create the lock together meet for a moment; a holder stays longer than this. */
const PATIENCE_MS = 250;

export interface FolderLockOptions {
  readonly folder: string;
  readonly system: string;
  /** Leave room for other processes that share as well. */
  readonly shared: boolean;
}

/** A data folder that is held until disposal or the death of this process. */
export interface FolderLock extends Disposable {
  /** The system whose data it is; another name than was asked for means that the folder belongs to somebody else. */
  readonly owner: string;
}

/**
 * Takes the folder by a transaction on `lock.db` that stays open. The kernel drops SQLite's file locks with the process,
 * however it dies, so nobody ever has to clean up. Throws SQLite's busy error while the folder is held otherwise.
 */
export function lockFolder(options: FolderLockOptions): FolderLock {
  const db = new DatabaseSync(join(options.folder, 'lock.db'), { timeout: PATIENCE_MS });
  try {
    const owner = ownerOf(db) ?? claimFolder(db, options.system);
    db.exec(options.shared ? 'BEGIN; SELECT name FROM system' : 'BEGIN EXCLUSIVE');
    return { owner, [Symbol.dispose]: () => void (db.isOpen && db.close()) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function ownerOf(db: DatabaseSync): string | undefined {
  const exists = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'system'`).get();
  const row = exists && db.prepare('SELECT name FROM system').get();
  return row === undefined ? undefined : String(row.name);
}

/** The first process on a new folder writes down whose it is; one that comes second finds the name there. */
function claimFolder(db: DatabaseSync, system: string): string {
  db.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS system (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL)');
  db.prepare('INSERT INTO system (one, name) VALUES (1, ?) ON CONFLICT DO NOTHING').run(system);
  db.exec('COMMIT');
  return ownerOf(db)!;
}
