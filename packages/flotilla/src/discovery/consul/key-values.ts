import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../kernel/index.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly flags: number;
  readonly createIndex: number;
  readonly modifyIndex: number;
}

export interface PutOptions {
  readonly flags: number;
  /** Only if it was changed last at this index; 0: only if it is not there. */
  readonly cas?: number | undefined;
}

interface Row {
  key: string;
  value: Uint8Array | null;
  flags: number;
  create_index: number;
  modify_index: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS key_values (
    key TEXT PRIMARY KEY, value BLOB, flags INTEGER NOT NULL, create_index INTEGER NOT NULL, modify_index INTEGER NOT NULL,
    deleted_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS key_values_by_index ON key_values (modify_index);
`;
/** How long it is remembered that a key was deleted, for those who wait for it. */
const TOMBSTONE_MS = 15 * 60_000;
const RANGE = 'key >= ?1 AND key < ?1 || char(0x10ffff)';

/** Consul's key-value store in a file of its own: what is in it, unlike leases, must not be lost. One process uses it at a time. */
export class KeyValues implements Disposable {
  readonly #clock: Clock;
  readonly #db: DatabaseSync;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(folder: string, clock: Clock) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#clock = clock;
    this.#db = new DatabaseSync(join(folder, 'consul-kv.db'), { timeout: 1_000 });
    this.#db.exec(SCHEMA);
  }

  get(key: string): KeyValue | undefined {
    const row = this.#row(key);
    return row && row.value !== null ? keyValueOf(row) : undefined;
  }

  /** All keys that start so, in order. */
  list(prefix: string): KeyValue[] {
    const rows = this.#db.prepare(`SELECT * FROM key_values WHERE ${RANGE} AND value IS NOT NULL ORDER BY key`).all(prefix);
    return (rows as unknown as Row[]).map(keyValueOf);
  }

  /** False when `cas` forbids it. */
  put(key: string, value: Uint8Array, { flags, cas }: PutOptions): boolean {
    const known = this.get(key);
    if (cas !== undefined && cas !== (known?.modifyIndex ?? 0)) return false;
    const index = this.#nextIndex();
    this.#db
      .prepare(
        `INSERT INTO key_values (key, value, flags, create_index, modify_index) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT DO UPDATE SET value = ?2, flags = ?3, create_index = ?4, modify_index = ?5, deleted_at = NULL`,
      )
      .run(key, value, flags, known?.createIndex ?? index, index);
    this.#wakeAll();
    return true;
  }

  /** False when `cas` forbids it; true even if there was nothing to delete. */
  delete(key: string, cas?: number): boolean {
    const known = this.get(key);
    if (cas !== undefined && cas !== 0 && cas !== known?.modifyIndex) return known === undefined;
    if (known) this.#bury('key = ?1', key);
    return true;
  }

  deleteAll(prefix: string): void {
    this.#bury(RANGE, prefix);
  }

  /** The last index that changed anything below the prefix; 1 when nothing ever did. */
  index(prefix: string): number {
    if (this.#closed) return 0;
    const row = this.#db.prepare(`SELECT max(modify_index) AS last FROM key_values WHERE ${RANGE}`).get(prefix);
    return Number(row!.last ?? 1);
  }

  onChange(callback: () => void): Disposable {
    this.#waiting.add(callback);
    return { [Symbol.dispose]: () => void this.#waiting.delete(callback) };
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #row(key: string): Row | undefined {
    return this.#db.prepare('SELECT * FROM key_values WHERE key = ?').get(key) as Row | undefined;
  }

  #bury(where: string, parameter: string): void {
    const now = Math.floor(this.#clock.now());
    this.#db
      .prepare(`UPDATE key_values SET value = NULL, modify_index = ?2, deleted_at = ?3 WHERE ${where} AND value IS NOT NULL`)
      .run(parameter, this.#nextIndex(), now);
    // The last one stays, whatever it is: indexes must never be given twice.
    this.#db
      .prepare('DELETE FROM key_values WHERE deleted_at < ? AND modify_index < (SELECT max(modify_index) FROM key_values)')
      .run(now - TOMBSTONE_MS);
    this.#wakeAll();
  }

  #nextIndex(): number {
    return Number(this.#db.prepare('SELECT max(modify_index) AS last FROM key_values').get()!.last ?? 1) + 1;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#wakeAll();
    this.#db.close();
  }
}

function keyValueOf(row: Row): KeyValue {
  return {
    key: row.key,
    value: row.value!,
    flags: row.flags,
    createIndex: row.create_index,
    modifyIndex: row.modify_index,
  };
}
