import { FlotillaError, isFlotillaError } from '../kernel/index.ts';
import type { LeaseProof, ReadOptions, Store, StoredEvent, Transaction } from '../store/index.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** Events nobody here wants are passed over in memory; the stored cursor follows at this distance, to save commits. */
const UNSTORED_SKIP = 500;

/** Moves the cursor behind the batch, or to an earlier place within it, in the given transaction; or throws `CURSOR_MOVED`. */
export type Advance = (tx: Transaction, to?: number) => Promise<void>;

/** From the position that is handled already to the one that the batch leads to. */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly advance: Advance;
}

export interface LogCursorOptions extends Pick<ReadOptions, 'types' | 'streamPrefix'> {
  readonly store: Store;
  /** Name of the cursor; whoever holds the lease goes on from it. */
  readonly cursor: string;
  readonly lease: LeaseKeeper;
  readonly batchSize: number;
  /** Where work really stands, when something outside the store knows that better than the cursor. */
  readonly position?: (() => Promise<number>) | undefined;
  /** Takes a batch, then moves the cursor: in the transaction that did the work where that is possible. */
  readonly handle: (batch: readonly StoredEvent[], move: Move, signal: AbortSignal) => Promise<void>;
}

/** What a look at the log came to: worked and there is more, worked, nothing to do, or another owner is at work. */
export type Outcome = 'again' | 'worked' | 'idle' | 'standby';

export interface LogCursor {
  /** Takes the next batch, if there is one and the lease can be had. */
  next(signal: AbortSignal): Promise<Outcome>;
  /** Nothing up to here is left to do. */
  passed(): number;
}

/** One place in the log and the way forward from it. */
export function createLogCursor(options: LogCursorOptions): LogCursor {
  const { store, cursor, lease, batchSize } = options;
  const read = readAhead(options);
  let passed = 0;
  /** Where the stored cursor stands; undefined when somebody else may have moved it. */
  let stored: number | undefined;
  let fence: number | undefined;

  async function next(signal: AbortSignal): Promise<Outcome> {
    stored ??= await (options.position?.() ?? store.cursors.position(cursor));
    passed = Math.max(passed, stored);
    const head = await store.events.head();
    if (head < passed) await refuseAhead(options, passed);
    if (head <= passed) return 'idle';
    const batch = await read(passed);
    const full = batch.length >= batchSize;
    // Everything up to the head was visible before the read, so a batch that is not full left nothing out.
    const end = full ? batch.at(-1)!.position : Math.max(head, batch.at(-1)?.position ?? 0);
    if (batch.length === 0 && end - stored < UNSTORED_SKIP) {
      passed = end;
      return 'idle';
    }
    const proof = await lease.hold();
    if (proof?.fence !== fence || proof === undefined) return changedHands(proof);
    await lease.during(() => take({ batch, from: stored!, end, proof }, signal));
    return full || passed < end ? 'again' : 'worked';
  }

  /** The lease is another's, or was meanwhile: the cursor must be read anew under it. */
  function changedHands(proof: LeaseProof | undefined): Outcome {
    stored = undefined;
    fence = proof?.fence;
    return proof ? 'again' : 'standby';
  }

  async function take({ batch, from, end, proof }: Step, signal: AbortSignal): Promise<void> {
    let reached = end;
    const advance = async (tx: Transaction, to = end): Promise<void> => {
      reached = to;
      const behind = options.position ? await tx.cursors.position(cursor) : from;
      if (!(await tx.cursors.advance({ name: cursor, from: behind, to, lease: proof }))) throw cursorMoved(cursor);
    };
    stored = undefined;
    if (batch.length === 0 && !options.position) await store.transact(advance);
    else await options.handle(batch, { from, to: end, advance }, signal);
    stored = passed = reached;
  }

  return {
    passed: () => passed,
    next: (signal) =>
      next(signal).catch((thrown: unknown) => {
        if (isFlotillaError(thrown) && thrown.code === 'CURSOR_MOVED') return 'standby';
        throw thrown;
      }),
  };
}

interface Step {
  readonly batch: readonly StoredEvent[];
  readonly from: number;
  readonly end: number;
  readonly proof: LeaseProof;
}

type Read = (after: number) => Promise<StoredEvent[]>;

/** Reads batches; behind one that is full it reads the next while that one is worked on. What is in the log never changes. */
function readAhead({ store, types, streamPrefix, batchSize }: LogCursorOptions): Read {
  let ahead: { after: number; batch: Promise<StoredEvent[]> } | undefined;
  const read = (after: number): Promise<StoredEvent[]> => store.events.read({ after, limit: batchSize, types, streamPrefix });
  return async (after) => {
    // A part that was not full when it was read may be by now.
    const early = ahead?.after === after ? await ahead.batch.catch(() => []) : [];
    ahead = undefined;
    const batch = early.length >= batchSize ? early : await read(after);
    if (batch.length < batchSize) return batch;
    const { position } = batch.at(-1)!;
    ahead = { after: position, batch: read(position) };
    ahead.batch.catch(() => undefined);
    return batch;
  };
}

/** Whoever has passed events that are yet to come would leave them out. */
async function refuseAhead({ store, cursor }: LogCursorOptions, position: number): Promise<void> {
  const end = await store.events.end();
  if (end < position) throw cursorAhead(cursor, { position, end });
}

function cursorMoved(name: string): FlotillaError {
  return new FlotillaError('CURSOR_MOVED', {
    kind: 'conflict',
    message: `Another process took over ${name}; what was done here since is dropped.`,
  });
}

function cursorAhead(name: string, { position, end }: { position: number; end: number }): FlotillaError {
  return new FlotillaError('CURSOR_AHEAD', {
    kind: 'internal',
    message: `${name} stands at position ${position}, but the log ends at ${end}: the log was restored from a backup and this was not. It stops, because it would leave out what is written from now on. Restore both, or build it again from the start.`,
    details: { position, end },
  });
}
