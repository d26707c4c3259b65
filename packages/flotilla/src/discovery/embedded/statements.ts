import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { InstanceRow } from '../driver/rows.ts';

export interface RegistryState {
  incarnation: string;
  revision: number;
  /** Changes up to this revision can't be told one by one any more. */
  forgotten: number;
}

interface Query<TRow> {
  get(...parameters: SQLInputValue[]): TRow | undefined;
  all(...parameters: SQLInputValue[]): TRow[];
  run(...parameters: SQLInputValue[]): unknown;
}

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement that the registry makes. `now` and all other values come from the caller. */
export function prepareStatements(db: DatabaseSync) {
  // The text decides the columns; SQLite's own types can't know them.
  const query = <TRow = object>(sql: string): Query<TRow> => db.prepare(sql) as unknown as Query<TRow>;
  return {
    beginRead: query('BEGIN'),
    beginWrite: query('BEGIN IMMEDIATE'),
    commit: query('COMMIT'),
    state: query<RegistryState>('SELECT incarnation, revision, forgotten FROM registry'),
    nextRevision: query<{ revision: number }>('UPDATE registry SET revision = revision + 1 RETURNING revision'),

    find: query<InstanceRow>('SELECT * FROM instances WHERE id = ?'),
    listAll: query<InstanceRow>('SELECT * FROM instances WHERE gone IS NULL ORDER BY service, id'),
    listService: query<InstanceRow>('SELECT * FROM instances WHERE gone IS NULL AND service = ? ORDER BY id'),
    changedSince: query<InstanceRow>('SELECT * FROM instances WHERE revision > ? ORDER BY revision'),

    put: query(
      `INSERT INTO instances (id, service, epoch, facts, status, registered_at, ttl_ms, expires_at, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET
           service = ?2, epoch = ?3, facts = ?4, status = ?5, blocked = 0, stale = 0, gone = NULL,
           registered_at = ?6, ttl_ms = ?7, expires_at = ?8, revision = ?9`,
    ),
    extend: query('UPDATE instances SET expires_at = ?2 + ttl_ms WHERE id = ?1'),
    revive: query('UPDATE instances SET expires_at = ?2 + ttl_ms, blocked = ?3, stale = 0, revision = ?4 WHERE id = ?1'),
    setStatus: query('UPDATE instances SET status = ?2, revision = ?3 WHERE id = ?1'),
    setStale: query('UPDATE instances SET stale = 1, revision = ?2 WHERE id = ?1'),
    // For those who are gone, `expires_at` says since when.
    setGone: query('UPDATE instances SET gone = ?2, expires_at = ?3, revision = ?4 WHERE id = ?1'),

    countLeases: query<{ count: number }>(
      'SELECT count(*) AS count FROM instances WHERE gone IS NULL AND expires_at IS NOT NULL',
    ),
    expired: query<InstanceRow>('SELECT * FROM instances WHERE gone IS NULL AND expires_at <= ?'),
    lastForgettable: query<{ revision: number | null }>(
      'SELECT max(revision) AS revision FROM instances WHERE gone IS NOT NULL AND expires_at <= ?',
    ),
    forget: query('DELETE FROM instances WHERE gone IS NOT NULL AND expires_at <= ?'),
    setForgotten: query('UPDATE registry SET forgotten = max(forgotten, ?)'),
  };
}
