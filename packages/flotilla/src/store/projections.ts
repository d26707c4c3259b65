/**
 * A build has tables of its own. It is `building` beside the active one until it takes its place; then that one is `retired`, and
 * `dropped` when its tables are gone.
 */
export type BuildStatus = 'building' | 'active' | 'retired' | 'dropped';

/** One set of tables that a projection was built into. */
export interface ProjectionBuild {
  readonly projection: string;
  /** Counts the builds of a projection from 1; never used twice. */
  readonly build: number;
  /** Of the code that builds it. */
  readonly version: number;
  /** At most one build of a projection is active. */
  readonly status: BuildStatus;
  /** As its code calls them; those in the database carry the number of the build. */
  readonly tables: readonly string[];
  /** Why it stopped, until it goes on. */
  readonly error: string | undefined;
  /** When it was begun; wall-clock milliseconds. */
  readonly at: number;
  readonly updatedAt: number;
}

/** A stream that a build has set aside, because one of its events can't be applied; later ones wait with it. */
export interface ParkedStream {
  readonly projection: string;
  readonly build: number;
  readonly stream: string;
  /** Of the event that failed: the first in the stream that is not applied. */
  readonly version: number;
  readonly position: number;
  readonly error: string;
  readonly at: number;
}

export interface NewBuild {
  readonly projection: string;
  readonly version: number;
  readonly status: 'building' | 'active';
  readonly tables: readonly string[];
  readonly at: number;
}

/** What becomes of a build that still has the status `from`. */
export interface BuildChange {
  readonly projection: string;
  readonly build: number;
  readonly from: BuildStatus;
  /** An error that is not given stays as it is. */
  readonly set: { readonly status?: BuildStatus; readonly error?: string | undefined };
  readonly at: number;
}

export interface ProjectionReader {
  /** Of one projection or of all, by name and number. */
  builds(projection?: string): Promise<ProjectionBuild[]>;
  /** Oldest first. */
  parkedStreams(options: { projection?: string; build?: number; limit: number }): Promise<ParkedStream[]>;
}

/** The bookkeeping of read models. How far a build has come is a cursor. */
export interface ProjectionTable extends ProjectionReader {
  /** Adds the next build of a projection; undefined when it would be the second active one. */
  insert(build: NewBuild): Promise<ProjectionBuild | undefined>;
  /** The active build, which stays the active one until this unit has ended. */
  holdActive(projection: string): Promise<ProjectionBuild | undefined>;
  /** False when the build had another status. */
  update(change: BuildChange): Promise<boolean>;
  park(stream: ParkedStream): Promise<void>;
  /** False when it was not parked. */
  unpark(stream: Pick<ParkedStream, 'projection' | 'build' | 'stream'>): Promise<boolean>;
}
