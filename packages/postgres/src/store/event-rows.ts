import type { NewEvent, StoredEvent } from 'flotilla/store';
import { fromText } from './statement.ts';

export interface EventRow {
  position: number;
  stream: string | null;
  version: number | null;
  type: string;
  schema_version: number;
  id: string;
  data: string | null;
  meta: string;
  at: number;
}

/** What a reader of events selects; the correlation id is in `meta` too. */
export const EVENT = 'position, stream, version, type, schema_version, id, data, meta, at';

export function storedEvent(row: EventRow): StoredEvent {
  return {
    position: row.position,
    stream: row.stream ?? undefined,
    version: row.version ?? undefined,
    type: row.type,
    schemaVersion: row.schema_version,
    id: row.id,
    data: fromText(row.data),
    // Written by `append` from exactly this type.
    meta: fromText(row.meta) as NewEvent['meta'],
    at: row.at,
  };
}
