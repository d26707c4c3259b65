import { check, describeIssues } from '../contract/index.ts';
import { copyJson, FlotillaError } from '../kernel/index.ts';
import type { Transaction } from '../store/index.ts';
import { toReceived } from './convert.ts';
import type { EventMessage } from './event-message.ts';
import type { ReceivedEvent, Subscription } from './subscription.ts';

/** Makes what a handler gets besides the event; `finish` runs after the handlers, still in the transaction. */
export type OpenContext = (
  tx: Transaction,
  event: ReceivedEvent,
) => Promise<{ readonly context: object; finish(): Promise<void> }>;

/** Runs every handler of a message's type in one transaction. */
export type HandleMessage = (tx: Transaction, message: EventMessage) => Promise<void>;

export function messageHandler(subscriptions: readonly Subscription[], openContext: OpenContext): HandleMessage {
  const byType = Map.groupBy(subscriptions, ({ event }) => event.id);
  return async (tx, message) => {
    for (const subscription of byType.get(message.type) ?? []) {
      const event = await receive(subscription, message);
      const { context, finish } = await openContext(tx, event);
      await subscription.handle(event, context);
      await finish();
    }
  };
}

/** The event as this subscription's schema yields it, sharing nothing with other handlers. */
async function receive({ event }: Subscription, message: EventMessage): Promise<ReceivedEvent> {
  const data = await check(event.schema, copyJson(message.data));
  if (data.ok) return toReceived(message, data.value);
  throw new FlotillaError('UNREADABLE_EVENT', {
    kind: 'invalid',
    message: `The data of ${message.type} (version ${message.dataschemaversion}) does not fit the schema this service knows (version ${event.version}): ${describeIssues(data.issues)}`,
  });
}
