import { FlotillaError } from 'flotilla/kernel';
import type { Append, Appended, NewEvent } from 'flotilla/store';
import { manyRows, oneRow } from './rows.ts';
import { statement, toText } from './statement.ts';

interface AppendedRow {
  id: string;
  position: number;
  version: number | null;
}

const STREAMS = 'stream text, expected integer, count integer';
const EVENTS = `stream text, expected integer, count integer, nth integer, type text, schema_version integer, id text,
  data text, meta text, correlation_id text, at bigint`;
const FIRST_OF_EVENTS = 4;

/**
 * A stream that does not have the version expected leaves out its own events only. The version is set before a position is
 * taken, so that a stream's positions rise with its versions.
 */
const append = (streams: string): string => `
  WITH item AS (SELECT * FROM ${streams}),
    fresh AS (INSERT INTO flotilla_streams (stream, version) SELECT stream, count FROM item WHERE expected = 0
      ON CONFLICT (stream) DO NOTHING RETURNING stream),
    moved AS (UPDATE flotilla_streams s SET version = s.version + i.count FROM item i
      WHERE i.expected > 0 AND s.stream = i.stream AND s.version = i.expected RETURNING s.stream),
    free AS (INSERT INTO flotilla_streams AS s (stream, version)
      SELECT stream, count FROM item WHERE expected IS NULL AND stream IS NOT NULL
      ON CONFLICT (stream) DO UPDATE SET version = s.version + excluded.version RETURNING stream, version),
    event AS (SELECT i.*, row_number() OVER () AS place FROM ${manyRows(EVENTS, FIRST_OF_EVENTS)})
  INSERT INTO flotilla_events (stream, version, type, schema_version, id, data, meta, correlation_id, at)
    SELECT stream, coalesce(expected, (SELECT f.version - e.count FROM free f WHERE f.stream = e.stream)) + nth,
      type, schema_version, id, data, meta, correlation_id, at
    FROM event e WHERE stream IS NULL OR CASE WHEN expected = 0 THEN stream IN (SELECT stream FROM fresh)
      WHEN expected > 0 THEN stream IN (SELECT stream FROM moved) ELSE true END
    ORDER BY place
  RETURNING id, position, version`;

/** Takes any number of appends, each to another stream. */
export const APPEND = statement<AppendedRow>(append(manyRows(STREAMS)));
export const APPEND_ONE = statement<AppendedRow>(append(oneRow(STREAMS)));

export const VERSIONS = statement<{ stream: string; version: number }>(
  'SELECT stream, version FROM flotilla_streams WHERE stream = ANY ($1)',
);

/** The parameters of `APPEND`. */
export function appendValues(appends: readonly Append[]): unknown[] {
  const streams = appends.map(({ stream }) => stream);
  const expected = appends.map(({ expectedVersion }) => expectedVersion);
  return [streams, expected, appends.map(({ events }) => events.length), ...eventValues(appends)];
}

/** The parameters of `APPEND_ONE`. */
export function appendOneValues(append: Append): unknown[] {
  return [append.stream, append.expectedVersion, append.events.length, ...eventValues([append])];
}

function eventValues(appends: readonly Append[]): unknown[] {
  const events = appends.flatMap((of) => of.events.map((event, index) => ({ of, event, nth: index + 1 })));
  const each = <TValue>(pick: (event: NewEvent) => TValue): TValue[] => events.map(({ event }) => pick(event));
  return [
    events.map(({ of }) => of.stream),
    events.map(({ of }) => of.expectedVersion),
    events.map(({ of }) => of.events.length),
    events.map(({ nth }) => nth),
    each(({ type }) => type),
    each(({ schemaVersion }) => schemaVersion),
    each(({ id }) => id),
    each(({ data }) => toText(data)),
    each(({ meta }) => JSON.stringify(meta)),
    each(({ meta }) => meta.correlationId),
    each(({ at }) => at),
  ];
}

/** What became of each append; undefined for one whose stream was at another version. */
export function appendResults(appends: readonly Append[], rows: readonly AppendedRow[]): (Appended | undefined)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return appends.map(({ events }) => {
    const last = byId.get(events.at(-1)!.id);
    return last && { lastPosition: last.position, version: last.version ?? undefined };
  });
}

export function versionConflict({ stream, expectedVersion }: Append, version: number): FlotillaError {
  return new FlotillaError('VERSION_CONFLICT', {
    kind: 'conflict',
    retryable: true,
    message: `Stream '${stream}' is at version ${version}, not ${expectedVersion}. Load it again and decide anew.`,
    details: { stream, expectedVersion, version },
  });
}

export function duplicateEvent(cause: unknown): FlotillaError {
  return new FlotillaError('DUPLICATE_EVENT', {
    kind: 'conflict',
    message: 'An event with the same id is in the log already. Give every event an id of its own.',
    cause,
  });
}
