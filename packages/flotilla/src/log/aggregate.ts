import { foldHash } from './fold-hash.ts';
import { assertChains, type Upcasters } from './upcasters.ts';

/** An event of an aggregate before it is stored. */
export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
}

/**
 * A thing whose state is the fold of its events. Its stream is `name:id`. Events whose type the service's contract declares
 * are published; all others stay private.
 */
export interface Aggregate<TState = unknown, TEvent extends DomainEvent = DomainEvent, TCommand = unknown> {
  readonly name: string;
  readonly initial: TState;
  /** Pure: the state after one more event. Method syntax keeps aggregates of different events in one list. */
  evolve(state: TState, event: TEvent & { readonly at: number }): TState;
  /** Pure: what happens next; no events when nothing does. Throws to refuse. */
  decide?(command: TCommand, state: TState): readonly TEvent[];
  readonly upcasters: Upcasters;
  readonly snapshots: { readonly every: number; readonly foldHash: string } | undefined;
}

export interface AggregateSpec<TState, TEvent extends DomainEvent, TCommand> {
  initial: TState;
  evolve: (state: TState, event: TEvent & { readonly at: number }) => TState;
  decide?: (command: TCommand, state: TState) => readonly TEvent[];
  /** What brings events of older schemas up to date. */
  upcasters?: Upcasters<TEvent['type']>;
  /**
   * Keeps the state each so many events, for streams that grow long; it must be plain JSON. A snapshot is used only by the very
   * `evolve` that made it: raise `version` when code that `evolve` calls begins to compute something else.
   */
  snapshots?: { every: number; version?: number };
}

/** An aggregate after a change. */
export interface Changed<TState> extends Loaded<TState> {
  /** Of the last event in the log: a reader who waits for it sees this change. */
  readonly position: number;
}

/** State and version of one aggregate; version 0 and the initial state when it has no events yet. */
export interface Loaded<TState> {
  readonly state: TState;
  readonly version: number;
}

export type StateOf<TAggregate> = TAggregate extends Aggregate<infer TState, infer _TEvent, infer _TCommand> ? TState : never;
export type EventOf<TAggregate> = TAggregate extends Aggregate<infer _TState, infer TEvent, infer _TCommand> ? TEvent : never;

export type CommandOf<TAggregate> = TAggregate extends Aggregate<infer _TState, infer _TEvent, infer TCommand> ? TCommand : never;

/** Declares an aggregate: `aggregate<Order, OrderEvent, OrderCommand>('order', { initial, evolve, decide })`. */
export function aggregate<TState, TEvent extends DomainEvent, TCommand = never>(
  name: string,
  spec: AggregateSpec<TState, TEvent, TCommand>,
): Aggregate<TState, TEvent, TCommand> {
  const { snapshots, upcasters = {}, ...rest } = spec;
  assertChains(name, upcasters);
  return {
    name,
    ...rest,
    upcasters,
    snapshots: snapshots && { every: snapshots.every, foldHash: foldHash(name, { ...spec, version: snapshots.version }) },
  };
}

/** The stream an aggregate's events live in. */
export function streamOf(of: Pick<Aggregate, 'name'>, id: string): string {
  return `${of.name}:${id}`;
}
