import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { FlotillaError } from '../../kernel/index.ts';

/** How long a statement may hold up the whole process for another one: short, because whoever can wait does so without blocking. */
const WRITER_BUSY_MS = 1;
/** Readers meet nobody but a process that recovers the database after a crash. */
const READER_BUSY_MS = 1_000;
const WAL_KEPT_BYTES = 64 * 1024 * 1024;
/** Of 4 KiB. Under load the same pages change again and again, so the longer they stay in the WAL the less is written twice. */
const WAL_PAGES = 4_000;
const SYNCHRONOUS_FULL = 2;

/** Opens the connection that writes. It changes nothing in a file that is there. */
export function openWriter(path: string, confined?: boolean): DatabaseSync {
  createForOwner(path);
  const db = new DatabaseSync(addressOf(path, confined), { timeout: WRITER_BUSY_MS, enableForeignKeyConstraints: true });
  // Every savepoint keeps the pages it may have to restore; in temporary files they would cost more than the unit itself.
  db.exec('PRAGMA temp_store = MEMORY');
  return db;
}

/** A connection that can't write, so that readers see committed data only. */
export function openReader(path: string, confined?: boolean): DatabaseSync {
  const db = new DatabaseSync(addressOf(path, confined), { timeout: READER_BUSY_MS, readOnly: true });
  db.exec('PRAGMA query_only = ON');
  return db;
}

/** What to open. A confined database is locked once for the whole process, and by its connections against each other in memory. */
export function addressOf(path: string, confined = false): string | URL {
  return confined ? new URL(`${pathToFileURL(path).href}?vfs=unix-excl`) : path;
}

/** Makes commits survive a power loss. Some builds of SQLite lower `synchronous` with WAL, so the result is read back later. */
export function makeDurable(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
}

/** To be called after a first write: only then does every build tell the truth. */
export function assertDurable(db: DatabaseSync, path: string): void {
  // SQLite documents both answers: a word and a number.
  const mode = db.prepare('PRAGMA journal_mode').get()!.journal_mode as string;
  const synchronous = db.prepare('PRAGMA synchronous').get()!.synchronous as number;
  if (mode === 'wal' && synchronous === SYNCHRONOUS_FULL) return;
  throw new FlotillaError('DATA_UNAVAILABLE', {
    kind: 'unavailable',
    retryable: false,
    message: `'${path}' would lose commits at a power failure (journal_mode ${mode}, synchronous ${synchronous}). Use a local disk.`,
  });
}

/** A database may hold password hashes and private keys. SQLite gives the files beside it the rights of its own. */
function createForOwner(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
