import type { EventType } from '../contract/index.ts';

/** An event as a subscriber receives it. */
export interface ReceivedEvent<TData = unknown> {
  readonly id: string;
  /** `orders.OrderConfirmed`. */
  readonly type: string;
  readonly data: TData;
  /** When it happened; wall-clock milliseconds of the publisher. */
  readonly at: number;
  readonly correlationId: string;
  /** The publisher's span, so that the trace goes on. */
  readonly traceparent?: string | undefined;
}

/** What a service does when another service's event arrives: once per event, in one transaction with the inbox row. */
export interface Subscription {
  readonly event: EventType;
  readonly handle: (event: ReceivedEvent, context: object) => unknown;
}
