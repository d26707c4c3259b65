import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './schema.ts';

/** How long one statement may hold up the thread for another process; whoever can wait longer does so without blocking. */
const BUSY_MS = 1;
/** Makes reading up to this many bytes of changes a matter of memory, not of files. */
const WAL_KEPT_BYTES = 8 * 1024 * 1024;

/** SQLite's result codes for a file that is not, or no longer, a database. */
const CORRUPT = 11;
const NOTADB = 26;
const BUSY = 5;

/** A connection to the registry's file, good for as long as that very file lies at its path. */
export interface Connection extends Disposable {
  readonly db: DatabaseSync;
  /** False once the file was deleted or replaced: whatever is written here now, nobody else sees. */
  isCurrent(): boolean;
}

/**
 * Opens the file, and creates it when it is not there. A damaged file is moved aside: it held leases, which the living take
 * again within a heartbeat.
 */
export function connect(path: string, newIncarnation: () => string): Connection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return open(path, newIncarnation);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    renameSync(path, `${path}.damaged`);
    for (const part of ['-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
    return open(path, newIncarnation);
  }
}

function open(path: string, newIncarnation: () => string): Connection {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    // NORMAL: a power failure may lose the last seconds of leases and statuses, and every heartbeat would bring them back.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
    migrate(db, newIncarnation);
    const opened = fileAt(path);
    return { db, isCurrent: () => opened !== undefined && fileAt(path) === opened, [Symbol.dispose]: () => db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

function fileAt(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

function isDamaged(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOTADB;
}

function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
