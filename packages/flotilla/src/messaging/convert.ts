import type { Contract } from '../contract/index.ts';
import type { StoredEvent } from '../store/index.ts';
import type { EventMessage } from './event-message.ts';
import type { ReceivedEvent } from './subscription.ts';

/** An event of a service's log as it leaves the service. */
export function toMessage(of: Pick<Contract, 'name'>, event: StoredEvent): EventMessage {
  return {
    specversion: '1.0',
    id: event.id,
    source: `/${of.name}`,
    type: `${of.name}.${event.type}`,
    time: new Date(event.at).toISOString(),
    dataschemaversion: event.schemaVersion,
    data: event.data,
    sequence: String(event.position),
    partitionkey: event.meta.key,
    traceparent: event.meta.traceparent,
    correlationid: event.meta.correlationId,
    causationid: event.meta.causationId,
  };
}

/** A message as a handler sees it, with its data as the event's schema yields it. */
export function toReceived<TData>(message: EventMessage, data: TData): ReceivedEvent<TData> {
  return {
    id: message.id,
    type: message.type,
    data,
    at: Date.parse(message.time),
    correlationId: message.correlationid,
    traceparent: message.traceparent,
  };
}

/** The publishing service of an event type: `orders` of `orders.OrderConfirmed`. */
export function publisherOf(eventType: string): string {
  return eventType.slice(0, eventType.indexOf('.'));
}
