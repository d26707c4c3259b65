import type { Contract } from '../contract/index.ts';
import type { EventReader, StoredEvent, StreamRange } from '../store/index.ts';
import { type Aggregate, type DomainEvent, streamOf } from './aggregate.ts';
import { upcastEvent } from './upcasters.ts';

/** An aggregate's event as it stands in the log, in the present version of its schema. */
export type RecordedEvent<TEvent extends DomainEvent = DomainEvent> = TEvent & {
  readonly id: string;
  readonly position: number;
  /** The aggregate's id: its stream without the name. */
  readonly aggregateId: string;
  readonly version: number;
  readonly at: number;
};

/** What happened, event by event. */
export interface History {
  /** To one aggregate, in order. */
  of<TState, TEvent extends DomainEvent>(
    of: Aggregate<TState, TEvent, never>,
    id: string,
    range?: StreamRange,
  ): Promise<RecordedEvent<TEvent>[]>;
  /** To all of a kind, in the order of the log; go on after the last position. It walks the log, so keep it off hot paths. */
  ofAll<TState, TEvent extends DomainEvent>(
    of: Aggregate<TState, TEvent, never>,
    page: { after: number; limit: number },
  ): Promise<RecordedEvent<TEvent>[]>;
}

export function createHistory({ reader, contract }: { reader: EventReader; contract: Contract }): History {
  return {
    of: async (of, id, range) =>
      (await reader.readStream(streamOf(of, id), range)).map((event) => recordedEvent({ of, contract }, event)),
    ofAll: async (of, page) =>
      (await reader.read({ ...page, streamPrefix: streamOf(of, '') })).map((event) => recordedEvent({ of, contract }, event)),
  };
}

/** An event of an aggregate's stream as the service's code sees it. Throws `UNKNOWN_EVENT_VERSION`. */
export function recordedEvent<TEvent extends DomainEvent>(
  { of, contract }: { of: Pick<Aggregate, 'name' | 'upcasters'>; contract: Contract },
  event: StoredEvent,
): RecordedEvent<TEvent> {
  const { type, data, id, position, version, at } = upcastEvent({ contract, upcasters: of.upcasters }, event);
  const aggregateId = event.stream!.slice(of.name.length + 1);
  // The stream belongs to the aggregate, so its events are of the aggregate's own types.
  return { type, data, id, position, version: version!, at, aggregateId } as unknown as RecordedEvent<TEvent>;
}
