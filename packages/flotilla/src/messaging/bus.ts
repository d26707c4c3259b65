import type { Health } from '../telemetry/index.ts';
import type { EventMessage } from './event-message.ts';

/** Takes a batch. Resolves once every message in it is durably handled or set aside; rejecting makes the whole batch come again. */
export type Deliver = (batch: readonly EventMessage[], signal: AbortSignal) => Promise<void>;

/**
 * Moves events from a service's log to its subscribers. The log holds the truth: a bus may deliver a message twice or late,
 * but resolves `publish` only when the batch can no longer be lost: a bus that can't promise to keep it resolves when the
 * subscriber has handled it. Messages of one target arrive in the order published.
 * Closing refuses new batches with `BUS_CLOSED`, aborts those under way and waits for them.
 */
export interface Bus extends AsyncDisposable {
  /** For people: `direct`, `NATS at nats://…`. */
  readonly description: string;
  /** Where this service's events go. The relay keeps one cursor for each, so one that is down holds up nobody else. */
  targets(service: string): readonly string[];
  /** The event types (`service.Name`) this target wants; the relay sends it no others. */
  wants(target: string): readonly string[];
  publish(target: string, batch: readonly EventMessage[], signal: AbortSignal): Promise<void>;
  /** Asks for events on behalf of a service. A bus that pushes over the ordinary transport has nothing to do here. */
  subscribe(service: string, eventTypes: readonly string[], deliver: Deliver): AsyncDisposable;
  /** As far as this service is concerned. Never DOWN: a service whose bus is away still answers, and its events wait in the log. */
  health(service: string): Health;
}
