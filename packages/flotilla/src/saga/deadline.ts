import type { EventData, EventType, Schema } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';
import type { SagaDefinition } from './definition.ts';
import { saga } from './saga.ts';

/** An event, and the business key of what it tells about. */
export interface KeyedEvent<TEvent extends EventType> {
  event: TEvent;
  key: (data: EventData<TEvent>) => string;
}

export interface DeadlineSpec<TFrom extends EventType, TTo extends EventType> {
  /** What starts the clock. */
  from: KeyedEvent<TFrom>;
  /** What must follow, with the same key. */
  to: KeyedEvent<TTo>;
  within: Duration;
}

interface Watched {
  key: string;
}

const Watched: Schema<Watched> = {
  '~standard': {
    version: 1,
    vendor: 'flotilla',
    // Made below, and by nobody else.
    validate: (value) => ({ value: value as Watched }),
  },
};

/**
 * Watches a choreography: when an event is not followed by another in time, operators are told exactly once, by `saga.overdue` and
 * an error line. Nothing else happens. It goes among the `sagas` of the service that cares.
 */
export function deadline<TFrom extends EventType, TTo extends EventType>(
  name: string,
  { from, to, within }: DeadlineSpec<TFrom, TTo>,
): SagaDefinition {
  return saga(name, { input: Watched, key: ({ key }) => key })
    .startOn(from.event, (data) => ({ key: from.key(data) }))
    .waitFor(to.event.id, { event: to.event, key: to.key, timeout: within, onTimeout: 'go-on', alert: true });
}
