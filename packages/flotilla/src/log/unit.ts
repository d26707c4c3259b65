import type { Kysely } from 'kysely';
import type { Contract, Events, InputOf } from '../contract/index.ts';
import type { Aggregate, Changed, CommandOf, DomainEvent, Loaded, StateOf } from './aggregate.ts';
import type { Moment } from './load.ts';

export type EventsOf<TContract> = TContract extends Contract<infer _N, infer _Q, infer _C, infer TEvents> ? TEvents : never;

/** Publishes an event of the contract when the unit commits. Data that breaks the event's schema fails the unit. */
export type Emit<TEvents extends Events> = <TName extends keyof TEvents & string>(
  name: TName,
  data: InputOf<TEvents[TName]['schema']>,
  /** Events of one key reach each subscriber in order. */
  options?: { key?: string },
) => void;

/** What one transaction offers to the code of a service: all of it commits together or not at all. */
export interface Unit<TTables = unknown, TEvents extends Events = Events> {
  /** The service's own tables. */
  readonly db: Kysely<TTables>;
  readonly emit: Emit<TEvents>;
  /** The present state of an aggregate. */
  readonly load: Load;
  /**
   * Loads an aggregate, decides what happens next, and appends that: a command for the aggregate's own `decide`, or a function of
   * the state. Returns the new state. No events change nothing; a throw refuses. Somebody else's change in between makes the
   * whole command run again, unless `version` says which one the caller has seen: then it is refused with `VERSION_OUTDATED`.
   */
  readonly change: Change;
}

/** An aggregate by its id, or by that and the version that the caller has seen. */
export type Target = string | { readonly id: string; readonly version: number };

export interface Change {
  <TState, TEvent extends DomainEvent, const TNext extends TEvent>(
    of: Aggregate<TState, TEvent, never>,
    target: Target,
    decide: (state: TState) => readonly TNext[],
  ): Promise<Changed<TState>>;
  <TAggregate extends Aggregate>(
    of: TAggregate,
    target: Target,
    command: CommandOf<TAggregate>,
  ): Promise<Changed<StateOf<TAggregate>>>;
}

/** Folds an aggregate's events into its present state, or into what it was at a moment. */
export type Load = <TAggregate extends Aggregate>(
  of: TAggregate,
  id: string,
  moment?: Moment,
) => Promise<Loaded<StateOf<TAggregate>>>;
