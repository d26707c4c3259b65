import type { EventType } from '../contract/index.ts';
import type { ReceivedEvent, Subscription } from '../messaging/index.ts';
import type { SagaDefinition } from './definition.ts';
import { withChildren } from './family.ts';
import type { Signal } from './signal.ts';

/** What a handler of events can do for sagas. */
export interface SagaDoor {
  start(saga: SagaDefinition, input: unknown): Promise<string>;
  tell(saga: SagaDefinition, signal: Signal): Promise<unknown>;
}

/** The events that sagas start with or wait for, as subscriptions of the service that owns them. */
export function sagaSubscriptions(sagas: readonly SagaDefinition[]): Subscription[] {
  const all = withChildren(sagas);
  return [...newestOf(all).flatMap(starting), ...all.flatMap(telling)];
}

/** Of several versions the last one listed starts. */
function newestOf(sagas: readonly SagaDefinition[]): readonly SagaDefinition[] {
  return [...new Map(sagas.map((saga) => [saga.name, saga])).values()];
}

function starting(saga: SagaDefinition): Subscription[] {
  return saga.startsOn.map(({ event, input }) => subscription(event, ({ data }, door) => door.start(saga, input(data))));
}

function telling(saga: SagaDefinition): Subscription[] {
  return saga.stages.flatMap((stage) => {
    if (stage.kind !== 'wait' || !stage.on) return [];
    const { name, on } = stage;
    const tell: Handle = ({ id, data }, door) => door.tell(saga, { key: on.key(data), name, data, id });
    return [subscription(on.event, tell)];
  });
}

type Handle = (event: ReceivedEvent, door: SagaDoor) => Promise<unknown>;

function subscription(event: EventType, handle: Handle): Subscription {
  // Every handler of events gets a transaction of the service, which is such a door.
  return { event, handle: (received, context) => handle(received, context as SagaDoor) };
}
