import type { Append, EventReader, EventWriter } from 'flotilla/store';
import { APPEND_ONE, appendOneValues, appendResults, duplicateEvent, VERSIONS, versionConflict } from './append.ts';
import { walk } from './event-reader.ts';
import { isUniqueViolation } from './failure.ts';
import { HIGHEST } from './head.ts';
import { LostRace } from './lost-race.ts';
import type { Queries } from './statement.ts';
import { StreamReads } from './stream-reads.ts';
import type { Unit } from './unit.ts';

export interface EventWriterOptions {
  readonly unit: Unit;
  readonly outside: Queries;
  /** The log as everybody sees it. */
  readonly log: Pick<EventReader, 'read'>;
}

/** The log inside a unit. */
export function createEventWriter({ unit: db, outside, log }: EventWriterOptions): EventWriter {
  const streams = new StreamReads(db, outside);
  const versionOf = async (stream: string): Promise<number> => (await db.query(VERSIONS, [[stream]])).rows[0]?.version ?? 0;

  async function look(append: Append): ReturnType<EventWriter['append']> {
    const { stream, expectedVersion } = append;
    const version = stream === undefined ? undefined : await versionOf(stream);
    const isAsExpected = version === undefined || expectedVersion === undefined || version === expectedVersion;
    if (!isAsExpected) throw versionConflict(append, version);
    return { lastPosition: (await db.query(HIGHEST)).rows[0]!.highest, version };
  }

  return {
    // Nobody else can append while an exclusive unit runs, so all of the log can be read inside.
    read: (options) => (db.exclusive ? walk(db, options) : log.read(options)),
    readStream: (stream, range) => streams.readStream(stream, range),
    readFromSnapshot: (stream, foldHash) => streams.readFromSnapshot(stream, foldHash),
    async append(append) {
      const { stream, expectedVersion } = append;
      if (append.events.length === 0) return await look(append);
      if (stream !== undefined) streams.appending(stream);
      const { rows } = await db.query(APPEND_ONE, appendOneValues(append)).catch((error: unknown) => {
        throw isUniqueViolation(error) ? duplicateEvent(error) : error;
      });
      const [appended] = appendResults([append], rows);
      if (!appended) {
        if (streams.hasSeen(stream!, expectedVersion)) throw new LostRace(`Stream '${stream}'`);
        throw versionConflict(append, await versionOf(stream!));
      }
      if (stream !== undefined && streams.hasSeen(stream, expectedVersion)) streams.appended(stream);
      db.touched.events = true;
      return appended;
    },
  };
}
