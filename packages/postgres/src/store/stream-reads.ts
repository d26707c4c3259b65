import type { EventReader, StreamState } from 'flotilla/store';
import { VERSIONS } from './append.ts';
import { readFromSnapshot, readStream } from './event-reader.ts';
import { LostRace } from './lost-race.ts';
import type { Queries } from './statement.ts';
import type { Unit } from './unit.ts';

/**
 * Streams that a unit reads. The database guards reads by whole pages of an index, where streams that were begun at the same
 * time lie together; units on different streams would get in each other's way all the time. So streams are read outside the
 * transaction, and before the commit it is made sure that they still are what was seen.
 */
export class StreamReads {
  readonly #unit: Unit;
  readonly #outside: Queries;
  /** What was seen of streams that the unit did not append to. */
  readonly #seen = new Map<string, number>();
  readonly #own = new Set<string>();

  constructor(unit: Unit, outside: Queries) {
    this.#unit = unit;
    this.#outside = outside;
  }

  async readStream(stream: string, range: Parameters<EventReader['readStream']>[1]): ReturnType<EventReader['readStream']> {
    if (this.#isOwn(stream)) return await readStream(this.#unit, stream, range);
    const isWhole = range?.upTo === undefined && range?.limit === undefined;
    // Looked up before, so that a stream that grows in between is noticed at the end.
    const version = isWhole ? undefined : await this.#versionOf(stream);
    const events = await readStream(this.#outside, stream, range);
    this.#see(stream, version ?? events.at(-1)?.version ?? (await this.#endOf(stream, range?.after ?? 0)));
    return events;
  }

  async readFromSnapshot(stream: string, foldHash: string): Promise<StreamState> {
    if (this.#isOwn(stream)) return await readFromSnapshot(this.#unit, stream, foldHash);
    const state = await readFromSnapshot(this.#outside, stream, foldHash);
    this.#see(stream, state.version);
    return state;
  }

  /** To be told before an append. */
  appending(stream: string): void {
    this.#own.add(stream);
  }

  /** True when the unit has seen the stream at this version itself: then a conflict is a lost race. */
  hasSeen(stream: string, version: number | undefined): boolean {
    return this.#seen.get(stream) === version;
  }

  /** The stream stood at the version that was seen when it was appended to, and others can't append before the unit ends. */
  appended(stream: string): void {
    this.#seen.delete(stream);
  }

  #isOwn(stream: string): boolean {
    this.#unit.assertOpen();
    return this.#unit.exclusive || this.#own.has(stream);
  }

  /** The version of a stream of which there was nothing to read behind `after`. */
  async #endOf(stream: string, after: number): Promise<number> {
    const version = await this.#versionOf(stream);
    if (version > after) throw new LostRace(`Stream '${stream}'`);
    return version;
  }

  async #versionOf(stream: string): Promise<number> {
    return (await this.#outside.query(VERSIONS, [[stream]])).rows[0]?.version ?? 0;
  }

  #see(stream: string, version: number): void {
    if (this.#seen.size === 0) this.#unit.checks.push(() => this.#check());
    const before = this.#seen.get(stream) ?? version;
    if (before !== version) throw new LostRace(`Stream '${stream}'`);
    this.#seen.set(stream, version);
  }

  /** This look is inside: from here on the database guards it. */
  async #check(): Promise<void> {
    if (this.#seen.size === 0) return;
    const { rows } = await this.#unit.look(VERSIONS, [[...this.#seen.keys()]]);
    const now = new Map(rows.map(({ stream, version }) => [stream, version]));
    for (const [stream, version] of this.#seen) {
      if ((now.get(stream) ?? 0) !== version) throw new LostRace(`Stream '${stream}'`);
    }
  }
}
