import type { Runtime } from '../kernel/index.ts';
import type { ParkedMessage, Store } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Deliver } from './bus.ts';
import { deliverBatch } from './deliver-batch.ts';
import { type HandleMessage, messageHandler, type OpenContext } from './handle-message.ts';
import { parseBatch } from './parse-message.ts';
import { listParked, unpark } from './parking.ts';
import type { Subscription } from './subscription.ts';

export interface InboxOptions {
  readonly store: Store;
  /** The subscriber. */
  readonly service: string;
  readonly subscriptions: readonly Subscription[];
  readonly context: OpenContext;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** The way in for events of other services: each is handled once, those of one key in order. */
export interface Inbox {
  /**
   * Resolves when every message is handled or parked. A message whose handler keeps failing is parked, and so are later ones
   * of its key; others flow. Rejects, for the batch to come again, when the database is to blame.
   */
  readonly deliver: Deliver;
  parked(limit: number): Promise<ParkedMessage[]>;
  /** Runs a parked message again, with all that wait for its key, oldest first. Throws `NOT_PARKED` or `MESSAGE_FAILS_AGAIN`. */
  unpark(consumer: string, messageId: string): Promise<void>;
}

/** What the parts of an inbox share. */
export interface InboxParts extends Pick<InboxOptions, 'store' | 'service' | 'runtime' | 'log'> {
  readonly handle: HandleMessage;
}

export function createInbox(options: InboxOptions): Inbox {
  const known = new Set(options.subscriptions.map(({ event }) => event.id));
  const parts: InboxParts = { ...options, handle: messageHandler(options.subscriptions, options.context) };
  return {
    // A type that is no longer subscribed to is nobody's business any more.
    deliver: async (batch, signal) => {
      const wanted = parseBatch(batch).filter(({ type }) => known.has(type));
      await deliverBatch(parts, wanted, signal);
    },
    parked: (limit) => listParked(options.store, limit),
    unpark: (consumer, messageId) => unpark(parts, consumer, messageId),
  };
}
