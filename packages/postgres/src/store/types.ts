import { types } from 'pg';

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const OID = 26;
const FLOAT4 = 700;
const FLOAT8 = 701;
const NUMERIC = 1700;
const NUMBERS: ReadonlySet<number> = new Set([INT8, INT2, INT4, OID, FLOAT4, FLOAT8, NUMERIC]);

const asIs = (text: string): string => text;
// The parser of the client library, given the type's number and no format, reads the text format.
const parseBytes = types.getTypeParser(BYTEA) as (text: string) => Buffer;

function parserOf(oid: number): (text: string) => unknown {
  if (NUMBERS.has(oid)) return Number;
  if (oid === BOOL) return (text) => text === 't';
  if (oid === BYTEA) return (text) => new Uint8Array(parseBytes(text));
  return asIs;
}

/** Columns come back as they do from SQLite: numbers, text and bytes. Positions and times are below 2^53, so numbers hold them. */
export const columnTypes = { getTypeParser: parserOf } as unknown as { getTypeParser: typeof types.getTypeParser };
