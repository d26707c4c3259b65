import { FlotillaError, isFlotillaError } from '../kernel/index.ts';
import type { Advance } from '../log/index.ts';
import type { Store, StoredEvent, Transaction } from '../store/index.ts';
import type { Projection } from './definition.ts';

export interface ApplyOptions {
  readonly store: Store;
  readonly projection: Projection;
}

/**
 * Applies events and moves the cursor in one transaction. Of a batch with an event that can't be applied, what comes before
 * it is applied; an event that fails at the head of the batch throws `PROJECTION_FAILED`.
 */
export async function applyBatch(options: ApplyOptions, batch: readonly StoredEvent[], advance: Advance): Promise<void> {
  const { store, projection } = options;
  let applying: number | undefined;
  const apply = async (tx: Transaction, events: readonly StoredEvent[]): Promise<void> => {
    for (const [index, event] of events.entries()) {
      applying = index;
      await applyEvent(projection, event, tx);
    }
    applying = undefined;
  };
  try {
    await store.transact(async (tx) => {
      await apply(tx, batch);
      await advance(tx);
    });
  } catch (thrown) {
    // Only what the projection's own code throws is the event's fault; a database that is away comes back.
    if (applying === undefined || (isFlotillaError(thrown) && thrown.kind === 'unavailable')) throw thrown;
    const failed = applying;
    if (failed === 0) throw projectionFailed(projection, batch[0]!, thrown);
    await store.transact(async (tx) => {
      await apply(tx, batch.slice(0, failed));
      await advance(tx, batch[failed - 1]!.position);
    });
  }
}

async function applyEvent(projection: Projection, event: StoredEvent, tx: Transaction): Promise<void> {
  const prefix = `${projection.of.name}:`;
  if (!event.stream?.startsWith(prefix) || !Object.hasOwn(projection.on, event.type)) return;
  const { type, data, id, position, at } = event;
  const projected = { type, data, id, position, at, version: event.version, aggregateId: event.stream.slice(prefix.length) };
  // `projection` tied each projector to the events of this aggregate and to this database.
  await projection.on[type]!(projected as never, { db: tx.db as never });
}

function projectionFailed(of: Projection, { type, stream, position }: StoredEvent, cause: unknown): FlotillaError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FlotillaError('PROJECTION_FAILED', {
    kind: 'internal',
    message: `Projection ${of.name} v${of.version} can't apply ${type} of ${stream} at position ${position}: ${why}`,
    cause,
  });
}
