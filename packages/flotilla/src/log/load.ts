import type { EventReader, StoredEvent } from '../store/index.ts';
import { type Aggregate, type DomainEvent, type Loaded, streamOf } from './aggregate.ts';

/** The present state of an aggregate, folded from its stream. Inside a transaction it sees that transaction's own appends. */
export async function loadAggregate<TState, TEvent extends DomainEvent>(
  reader: Pick<EventReader, 'readStream'>,
  of: Aggregate<TState, TEvent>,
  id: string,
): Promise<Loaded<TState>> {
  const events = await reader.readStream(streamOf(of, id));
  return evolveAll(of, { state: of.initial, version: 0 }, events);
}

/** The state after more stored events. */
export function evolveAll<TState, TEvent extends DomainEvent>(
  of: Aggregate<TState, TEvent>,
  from: Loaded<TState>,
  events: readonly Pick<StoredEvent, 'type' | 'data' | 'at'>[],
): Loaded<TState> {
  // The stream holds only what `change` appended to it, so each stored event is one of the aggregate's own.
  const evolve = (state: TState, { type, data, at }: (typeof events)[number]): TState =>
    of.evolve(state, { type, data, at } as TEvent & { at: number });
  return { state: events.reduce(evolve, from.state), version: from.version + events.length };
}
