import type { DatabaseSync, SQLInputValue, StatementResultingChanges } from 'node:sqlite';

/** By place, or all by name. */
type Parameters = SQLInputValue[] | [Record<string, SQLInputValue>];

/** A prepared statement whose rows have a known shape. */
export interface Statement<TRow> {
  get(...parameters: Parameters): TRow | undefined;
  all(...parameters: Parameters): TRow[];
  run(...parameters: Parameters): StatementResultingChanges;
}

/** Prepares a statement. Its text decides the columns, so the row type stands right beside it. */
export function prepare<TRow = never>(db: DatabaseSync, sql: string): Statement<TRow> {
  // SQLite's own types can't know the columns of this very text.
  return db.prepare(sql) as unknown as Statement<TRow>;
}

/** A value as JSON text; undefined is kept as NULL. */
export function toText(value: unknown): string | null {
  return value === undefined ? null : (JSON.stringify(value) ?? null);
}

export function fromText(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
