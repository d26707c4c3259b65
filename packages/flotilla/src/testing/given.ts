import assert from 'node:assert/strict';
import { copyJson } from '../kernel/index.ts';
import type { Aggregate, DomainEvent } from '../log/index.ts';

/** What is done to an aggregate in a specification: a command for its `decide`, or a decision as `change` takes it. */
type Next<TState, TCommand> = TCommand | ((state: TState) => readonly DomainEvent[]);

export interface Given<TState, TEvent extends DomainEvent, TCommand> {
  when(next: Next<TState, TCommand>): When<TState, TEvent>;
}

/** Each of these ends a specification with an assertion. */
export interface When<TState, TEvent extends DomainEvent> {
  /** Exactly these happen, in order; none with an empty list. */
  then(events: readonly TEvent[]): void;
  /** The aggregate refuses; tested like `assert.throws`: `{ code: 'CARD_DECLINED' }`, a class, a pattern. */
  thenFails(error: object | RegExp): void;
  /** What the aggregate is afterwards. */
  thenState(state: TState): void;
}

/**
 * Specifies an aggregate by what it decides: `given(order, [placed]).when({ type: 'Cancel' }).then([cancelled])`. Needs no store. Given
 * events happened at 1 ms, 2 ms and so on.
 */
export function given<TState, TEvent extends DomainEvent, TCommand>(
  of: Aggregate<TState, TEvent, TCommand>,
  events: readonly NoInfer<TEvent>[] = [],
): Given<TState, TEvent, TCommand> {
  const state = evolveAll(of, of.initial, { events, after: 0 });
  return {
    when(next) {
      const decided = (): readonly TEvent[] => copied(decide(of, next, state));
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- The third word of the three; it is not awaited.
        then: (expected) => assert.deepEqual(decided(), copied(expected)),
        thenFails: (error) => assert.throws(decided, error),
        thenState: (expected) => {
          assert.deepEqual(evolveAll(of, state, { events: decided(), after: events.length }), expected);
        },
      };
    },
  };
}

function decide<TState, TEvent extends DomainEvent, TCommand>(
  of: Aggregate<TState, TEvent, TCommand>,
  next: Next<TState, TCommand>,
  state: TState,
): readonly DomainEvent[] {
  if (typeof next === 'function') return (next as (state: TState) => readonly DomainEvent[])(state);
  assert.ok(of.decide, `the aggregate '${of.name}' has no decide`);
  return of.decide(next, state);
}

function evolveAll<TState, TEvent extends DomainEvent>(
  of: Pick<Aggregate<TState, TEvent>, 'evolve'>,
  state: TState,
  { events, after }: { events: readonly TEvent[]; after: number },
): TState {
  return events.reduce((next, event, index) => of.evolve(next, { ...event, at: after + index + 1 }), state);
}

/** Events as the log would keep them. */
function copied<TEvent extends DomainEvent>(events: readonly DomainEvent[]): readonly TEvent[] {
  return copyJson(events) as TEvent[];
}
