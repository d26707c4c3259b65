import { type Duration, durationMs, type Runtime } from '../kernel/index.ts';
import type { Store, Transaction } from '../store/index.ts';

/** Few rows at a time, so that pruning never holds up commands. */
const PRUNE_BATCH = 500;

export interface PruneOptions {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly signal?: AbortSignal;
  /** How long repeats of a message are recognised; 7 d unless said. Keep it longer than any message may be repeated. */
  readonly inbox?: Duration;
  /** How long a reply is kept for its idempotency key; 7 d unless said: a saga may be repaired days after it got stuck. */
  readonly idempotency?: Duration;
}

/** Forgets what no repeat will ask for any more. Call it now and then; it goes in small transactions. */
export async function pruneMessages(options: PruneOptions): Promise<{ inbox: number; idempotency: number }> {
  const now = options.runtime.clock.now();
  const inboxBefore = now - durationMs(options.inbox ?? '7d');
  const idempotencyBefore = now - durationMs(options.idempotency ?? '7d');
  return {
    inbox: await pruneAll(options, (tx) => tx.inbox.prune(inboxBefore, PRUNE_BATCH)),
    idempotency: await pruneAll(options, (tx) => tx.idempotency.prune(idempotencyBefore, PRUNE_BATCH)),
  };
}

async function pruneAll({ store, signal }: PruneOptions, prune: (tx: Transaction) => Promise<number>): Promise<number> {
  let total = 0;
  for (let pruned = PRUNE_BATCH; pruned >= PRUNE_BATCH && signal?.aborted !== true; total += pruned) {
    pruned = await store.transact(prune);
  }
  return total;
}
