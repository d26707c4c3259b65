import type { Kysely } from 'kysely';
import type { Contract, Events, InputOf } from '../contract/index.ts';
import type { Aggregate, DomainEvent, Loaded, StateOf } from './aggregate.ts';

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
   * Loads an aggregate, lets `decide` say what happens next, and appends that. Returns the new state. `decide` may return no
   * events, or throw to refuse.
   */
  readonly change: <TState, TEvent extends DomainEvent, const TNext extends TEvent>(
    of: Aggregate<TState, TEvent>,
    id: string,
    decide: (state: TState) => readonly TNext[],
  ) => Promise<Loaded<TState>>;
}

/** Folds an aggregate's events into its present state. */
export type Load = <TAggregate extends Aggregate>(of: TAggregate, id: string) => Promise<Loaded<StateOf<TAggregate>>>;
