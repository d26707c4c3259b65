import { abortReason, FlotillaError, isFlotillaError, sleep, toFlotillaError } from '../kernel/index.ts';
import { backoffMs } from '../log/index.ts';
import type { Transaction } from '../store/index.ts';
import type { EventMessage } from './event-message.ts';
import type { InboxParts } from './inbox.ts';
import { keyOf, park, parkBehind } from './parking.ts';

const ATTEMPTS = 5;

/** A message of a batch on its way. */
interface Item {
  readonly message: EventMessage;
  /** Id of the message of the same key just before it in the batch. */
  readonly behind: string | undefined;
  failures: number;
}

/** Settled means handled, parked or known from before; an error is the message's own fault. */
type Outcome = 'settled' | 'waiting' | FlotillaError;

/** Takes a batch through the inbox: all at once, so that messages share commits, then again and again what failed. */
export async function deliverBatch(inbox: InboxParts, batch: readonly EventMessage[], signal: AbortSignal): Promise<void> {
  let pending = inOrder(batch);
  while (pending.length > 0) {
    const outcomes = await allSettled(pending.map((item) => attempt(inbox, item, signal)));
    const rest = pending.filter((_item, index) => outcomes[index] !== 'settled');
    const failed = pending.flatMap((item, index) => {
      const outcome = outcomes[index]!;
      return typeof outcome === 'string' ? [] : [{ item, error: outcome }];
    });
    const hopeless = failed.filter(({ item, error }) => (item.failures += 1) >= ATTEMPTS || error.code === 'UNREADABLE_EVENT');
    for (const { item, error } of hopeless) await park(inbox, { message: item.message, error }, signal);
    const parked = new Set(hopeless.map(({ item }) => item));
    pending = rest.filter((item) => !parked.has(item));
    const failures = Math.max(0, ...pending.map((item) => item.failures));
    if (failures > 0) await sleep(inbox.runtime.clock, backoffMs(inbox.runtime.random, failures), signal);
  }
}

function inOrder(batch: readonly EventMessage[]): Item[] {
  const last = new Map<string, string>();
  return batch.map((message) => {
    const key = keyOf(message);
    const behind = key === undefined ? undefined : last.get(key);
    if (key !== undefined) last.set(key, message.id);
    return { message, behind, failures: 0 };
  });
}

async function attempt(inbox: InboxParts, item: Item, signal: AbortSignal): Promise<Outcome> {
  let handling = false;
  const work = async (tx: Transaction): Promise<void> => {
    if (!(await isNext(inbox, tx, item))) return;
    handling = true;
    await inbox.handle(tx, item.message);
    handling = false;
  };
  try {
    await inbox.store.transact(work, { signal });
    return 'settled';
  } catch (thrown) {
    if (isFlotillaError(thrown) && thrown.code === 'MESSAGE_WAITS') return 'waiting';
    if (signal.aborted) throw abortReason(signal);
    const error = toFlotillaError(thrown);
    // A database that can't be reached is not the message's fault; its handler can't call anything else.
    if (!handling || error.kind === 'unavailable') throw error;
    return error;
  }
}

/** Records the message and says whether it must be handled now. Throws `MESSAGE_WAITS` while the one before it is not settled. */
async function isNext(inbox: InboxParts, tx: Transaction, { message, behind }: Item): Promise<boolean> {
  const now = inbox.runtime.clock.now();
  // Units of one batch run in order, but the one before may have failed. Only its inbox row tells; the throw takes ours back.
  if (behind !== undefined && (await tx.inbox.insert(inbox.service, behind, now))) throw messageWaits(message);
  if (!(await tx.inbox.insert(inbox.service, message.id, now))) return false;
  return !(await parkBehind(inbox, tx, message));
}

async function allSettled<TValue>(all: readonly Promise<TValue>[]): Promise<TValue[]> {
  const results = await Promise.allSettled(all);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function messageWaits({ id, type }: EventMessage): FlotillaError {
  return new FlotillaError('MESSAGE_WAITS', {
    kind: 'conflict',
    message: `${type} ${id} waits for an earlier message of its key.`,
  });
}
