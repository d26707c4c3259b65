/** An event of an aggregate before it is stored. */
export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
}

/**
 * A thing whose state is the fold of its events. Its stream is `name:id`. Events whose type the service's contract declares
 * are published; all others stay private.
 */
export interface Aggregate<TState = unknown, TEvent extends DomainEvent = DomainEvent> {
  readonly name: string;
  readonly initial: TState;
  /** Pure: the state after one more event. Method syntax keeps aggregates of different events in one list. */
  evolve(state: TState, event: TEvent & { readonly at: number }): TState;
}

/** State and version of one aggregate; version 0 and the initial state when it has no events yet. */
export interface Loaded<TState> {
  readonly state: TState;
  readonly version: number;
}

export type StateOf<TAggregate> = TAggregate extends Aggregate<infer TState, infer _TEvent> ? TState : never;
export type EventOf<TAggregate> = TAggregate extends Aggregate<infer _TState, infer TEvent> ? TEvent : never;

/** Declares an aggregate: `aggregate<Order, OrderEvent>('order', { initial, evolve })`. */
export function aggregate<TState, TEvent extends DomainEvent>(
  name: string,
  spec: { initial: TState; evolve: (state: TState, event: TEvent & { readonly at: number }) => TState },
): Aggregate<TState, TEvent> {
  return { name, ...spec };
}

/** The stream an aggregate's events live in. */
export function streamOf(of: Pick<Aggregate, 'name'>, id: string): string {
  return `${of.name}:${id}`;
}
