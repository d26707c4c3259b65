import type { Kysely } from 'kysely';
import type { Aggregate, DomainEvent } from '../log/index.ts';
import type { Database } from '../store/index.ts';

/** An event of the service's own log as a projection sees it. */
export type ProjectedEvent<TEvent extends DomainEvent> = TEvent & {
  readonly id: string;
  readonly position: number;
  /** The aggregate's id: its stream without the name. */
  readonly aggregateId: string;
  readonly version: number;
  readonly at: number;
};

export type Projectors<TTables, TEvent extends DomainEvent> = {
  [TType in TEvent['type']]?: (
    event: ProjectedEvent<Extract<TEvent, { type: TType }>>,
    unit: { db: Kysely<TTables> },
  ) => Promise<unknown>;
};

/** A read model: tables kept up with an aggregate's events. Events and position commit together, so each event counts once. */
export interface Projection {
  readonly name: string;
  /** A new version starts from the beginning of the log. */
  readonly version: number;
  readonly of: Pick<Aggregate, 'name'>;
  readonly on: Readonly<Record<string, (event: ProjectedEvent<never>, unit: { db: Kysely<never> }) => Promise<unknown>>>;
}

/** Declares a read model of one aggregate, written into the service's own database. */
export function projection<TTables, TState, TEvent extends DomainEvent>(
  name: string,
  spec: { version: number; of: Aggregate<TState, TEvent>; database: Database<TTables>; on: Projectors<TTables, TEvent> },
): Projection {
  // The projectors are called with exactly the events and the database they were declared for.
  return { name, version: spec.version, of: spec.of, on: spec.on as unknown as Projection['on'] };
}
