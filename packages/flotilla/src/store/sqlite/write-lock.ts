import type { DatabaseSync } from 'node:sqlite';
import { type Clock, sleep } from '../../kernel/index.ts';
import { isBusy } from './failure.ts';

const PATIENCE_MS = 5_000;
const PAUSE_MS = 5;

/**
 * Takes the database's write lock. While another process holds it this waits without blocking the event loop, and gives up
 * with SQLite's busy error in the end.
 */
export async function beginImmediate(db: DatabaseSync, clock: Clock): Promise<void> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    try {
      db.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || clock.monotonic() >= until) throw error;
    }
    await sleep(clock, PAUSE_MS);
  }
}
