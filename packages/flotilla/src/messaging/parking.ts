import { FlotillaError, toFlotillaError } from '../kernel/index.ts';
import type { ParkedMessage, Store, Transaction } from '../store/index.ts';
import type { EventMessage } from './event-message.ts';
import type { InboxParts } from './inbox.ts';
import { parseMessage } from './parse-message.ts';

const MOST_PARKED = 100_000;

/** What is kept in order for a subscriber: one key of one publisher. */
export function keyOf({ source, partitionkey }: EventMessage): string | undefined {
  return partitionkey === undefined ? undefined : `${source} ${partitionkey}`;
}

/** Sets a failing message aside, so that it holds up nothing but its key. */
export async function park(
  inbox: InboxParts,
  { message, error }: { message: EventMessage; error: FlotillaError },
  signal: AbortSignal,
): Promise<void> {
  // A sick database makes every handler fail; then nothing may be blamed on the messages.
  await inbox.store.check(signal);
  await inbox.store.transact(
    async (tx) => {
      if (!(await tx.inbox.insert(inbox.service, message.id, inbox.runtime.clock.now()))) return;
      await tx.inbox.park(parked(inbox, message, reasonOf(error)));
    },
    { signal },
  );
  const { id, type } = message;
  inbox.log.error(
    { messageId: id, type, key: keyOf(message), err: error },
    'parked a message that keeps failing; unpark it when mended',
  );
}

/** Parks a message if an earlier one of its key is parked; says whether it did. */
export async function parkBehind(inbox: InboxParts, tx: Transaction, message: EventMessage): Promise<boolean> {
  const key = keyOf(message);
  if (key === undefined || !(await tx.inbox.isBlocked(inbox.service, key))) return false;
  await tx.inbox.park(parked(inbox, message, 'Waits behind an earlier parked message of its key.'));
  return true;
}

export function listParked(store: Store, limit: number): Promise<ParkedMessage[]> {
  return store.transact((tx) => tx.inbox.parked(limit));
}

/** Runs a parked message and all of its key again, each in its own transaction. */
export async function unpark(inbox: InboxParts, consumer: string, messageId: string): Promise<void> {
  const isAsked = (one: ParkedMessage): boolean => one.consumer === consumer && one.messageId === messageId;
  const asked = (await listParked(inbox.store, MOST_PARKED)).find(isAsked);
  if (!asked || consumer !== inbox.service) throw notParked(consumer, messageId);
  const { key } = asked;
  const belongs = key === undefined ? isAsked : (one: ParkedMessage): boolean => one.consumer === consumer && one.key === key;
  while (await rerunOldest(inbox, belongs));
}

/** False when none is left. */
async function rerunOldest(inbox: InboxParts, belongs: (one: ParkedMessage) => boolean): Promise<boolean> {
  return await inbox.store.transact(async (tx) => {
    const [oldest] = (await tx.inbox.parked(MOST_PARKED)).filter(belongs).toSorted(bySequence);
    if (!oldest) return false;
    await tx.inbox.unpark(oldest.consumer, oldest.messageId);
    await inbox.handle(tx, parseMessage(oldest.envelope)).catch((thrown: unknown) => {
      throw failsAgain(oldest, toFlotillaError(thrown));
    });
    return true;
  });
}

function parked(inbox: InboxParts, message: EventMessage, error: string): ParkedMessage {
  const at = inbox.runtime.clock.now();
  return { consumer: inbox.service, messageId: message.id, key: keyOf(message), envelope: message, error, at };
}

/** All of one key come from one publisher, so their places in its log order them. */
function bySequence(left: ParkedMessage, right: ParkedMessage): number {
  return Number(parseMessage(left.envelope).sequence) - Number(parseMessage(right.envelope).sequence);
}

function reasonOf({ code, message, cause }: FlotillaError): string {
  return `${code}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
}

function notParked(consumer: string, messageId: string): FlotillaError {
  return new FlotillaError('NOT_PARKED', { kind: 'not-found', message: `${consumer} has no parked message ${messageId}.` });
}

function failsAgain({ messageId }: ParkedMessage, error: FlotillaError): FlotillaError {
  return new FlotillaError('MESSAGE_FAILS_AGAIN', {
    kind: 'conflict',
    message: `Message ${messageId} failed again and stays parked: ${reasonOf(error)}.`,
    cause: error,
  });
}
