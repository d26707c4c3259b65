import { createHash } from 'node:crypto';

const NAME_LENGTH = 20;

/** A statement of the engine: each connection prepares it once, under its name. */
export interface Statement<TRow> {
  readonly name: string;
  readonly text: string;
  /** Exists in the types only: the text decides the columns, so the row type stands right beside it. */
  readonly row?: TRow;
}

export interface Answer<TRow> {
  readonly rows: TRow[];
  /** Rows that were returned or changed. */
  readonly count: number;
}

/** Somewhere to send statements: a unit's connection, or one that many share. */
export interface Queries {
  query<TRow>(statement: Statement<TRow>, values?: readonly unknown[]): Promise<Answer<TRow>>;
}

export function statement<TRow = never>(text: string): Statement<TRow> {
  const name = createHash('sha256').update(text).digest('hex').slice(0, NAME_LENGTH);
  return { name: `flotilla_${name}`, text };
}

/** A value as JSON text; undefined is kept as NULL. */
export function toText(value: unknown): string | null {
  return value === undefined ? null : (JSON.stringify(value) ?? null);
}

export function fromText(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
