import type { Kysely } from 'kysely';
import type { Aggregate, DomainEvent, RecordedEvent } from '../log/index.ts';
import { eachInTurn } from './each-in-turn.ts';
import type { ReadTables } from './read-tables.ts';
import type { ProjectionTarget } from './target.ts';

/** Where a projection writes: its own tables, under their own names. It must touch nothing else, because it is run again to rebuild. */
export interface ProjectionUnit<TTables> {
  readonly db: Kysely<TTables>;
}

/** What each event does to the read model. */
export type Projectors<TTables, TEvent extends DomainEvent> = {
  [TType in TEvent['type']]?: (
    event: RecordedEvent<Extract<TEvent, { type: TType }>>,
    unit: ProjectionUnit<TTables>,
  ) => Promise<unknown>;
};

export interface ProjectionSpec<TTables, TState, TEvent extends DomainEvent> {
  /** Of the code below and of the tables: a higher one is built beside the one in use, which it then replaces. */
  version: number;
  of: Aggregate<TState, TEvent, never>;
  tables: ReadTables<TTables>;
  on: Projectors<TTables, TEvent>;
  /**
   * `catch-up` (unless said) follows the log soon after each commit; `inline` is written in the very transaction that appends, so it
   * is never behind, makes commands dearer, and fails them when it fails.
   */
  mode?: 'catch-up' | 'inline';
  /** Stops at an event it can't apply, instead of setting aside the event's stream and going on with the others. */
  strict?: boolean;
}

/** For speed: takes many events at once, with as few statements as it likes. */
export interface BatchProjectionSpec<TTables, TState, TEvent extends DomainEvent> extends Omit<
  ProjectionSpec<TTables, TState, TEvent>,
  'on'
> {
  /** Only these types; all of the aggregate's unless said. */
  types?: readonly TEvent['type'][];
  onBatch: (events: readonly RecordedEvent<TEvent>[], unit: ProjectionUnit<TTables>) => Promise<unknown>;
}

/** For a read model outside the service's database. */
export interface TargetProjectionSpec<TState, TEvent extends DomainEvent> extends Pick<
  ProjectionSpec<unknown, TState, TEvent>,
  'version' | 'of' | 'strict'
> {
  types?: readonly TEvent['type'][];
  target: ProjectionTarget<TEvent>;
}

/** A read model kept up with an aggregate's events. What they did and how far it has come commit together, so each counts once. */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly of: Pick<Aggregate, 'name' | 'upcasters'>;
  readonly mode: 'catch-up' | 'inline';
  readonly strict: boolean;
  /** Undefined for all. */
  readonly types: readonly string[] | undefined;
  /** What one transaction applies at most. */
  readonly batchSize: number;
  readonly destination: Destination;
}

/** Tables of the service's own database and what fills them, or somewhere else. */
export type Destination = { readonly tables: ReadTables; readonly apply: Apply } | { readonly target: ProjectionTarget };

export type Apply = (events: readonly RecordedEvent[], unit: ProjectionUnit<unknown>) => Promise<unknown>;

/** Short, because on SQLite nobody else writes meanwhile. */
const EACH_IN_TURN = 500;
/** What is written by few statements takes about as long. */
const TOGETHER = 2_000;

/** Declares a read model of one aggregate. */
export function projection<TTables, TState, TEvent extends DomainEvent>(
  name: string,
  spec:
    ProjectionSpec<TTables, TState, TEvent> | BatchProjectionSpec<TTables, TState, TEvent> | TargetProjectionSpec<TState, TEvent>,
): Projection {
  const { version, of, strict = false } = spec;
  const common = { name, version, of, strict, mode: 'mode' in spec ? (spec.mode ?? 'catch-up') : 'catch-up' } as const;
  if ('on' in spec) {
    const destination = { tables: spec.tables as ReadTables, apply: eachInTurn(spec.on) };
    return { ...common, types: Object.keys(spec.on), batchSize: EACH_IN_TURN, destination };
  }
  // Events and database are the ones that the projection was declared for, so from here on all projections are alike.
  const destination =
    'target' in spec
      ? { target: spec.target as unknown as ProjectionTarget }
      : { tables: spec.tables as ReadTables, apply: spec.onBatch as unknown as Apply };
  return { ...common, types: spec.types, batchSize: TOGETHER, destination };
}
