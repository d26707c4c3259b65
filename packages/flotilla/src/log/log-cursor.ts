import { FlotillaError, isFlotillaError } from '../kernel/index.ts';
import type { LeaseProof, Store, StoredEvent, Transaction } from '../store/index.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** Events nobody here wants are passed over in memory; the stored cursor follows at this distance, to save commits. */
const UNSTORED_SKIP = 500;

/** Moves the cursor behind the batch, or to an earlier place within it, in the given transaction; or throws `CURSOR_MOVED`. */
export type Advance = (tx: Transaction, to?: number) => Promise<void>;

export interface LogCursorOptions {
  readonly store: Store;
  /** Name of the cursor; whoever holds the lease goes on from it. */
  readonly cursor: string;
  readonly lease: LeaseKeeper;
  /** The only event types that are handled; all others are passed over. */
  readonly types: readonly string[];
  readonly batchSize: number;
  /** Takes a batch, then moves the cursor: in the transaction that did the work where that is possible. */
  readonly handle: (batch: readonly StoredEvent[], advance: Advance, signal: AbortSignal) => Promise<void>;
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
  const { store, cursor, lease, types, batchSize } = options;
  let passed = 0;
  /** Where the stored cursor stands; undefined when somebody else may have moved it. */
  let stored: number | undefined;
  let fence: number | undefined;

  async function next(signal: AbortSignal): Promise<Outcome> {
    stored ??= await store.transact((tx) => tx.cursors.position(cursor));
    passed = Math.max(passed, stored);
    const head = await store.events.head();
    if (head <= passed) return 'idle';
    const batch = await store.events.read({ after: passed, limit: batchSize, types });
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

  async function take(step: Step, signal: AbortSignal): Promise<void> {
    let reached = step.end;
    const advance = async (tx: Transaction, to = step.end): Promise<void> => {
      reached = to;
      if (!(await tx.cursors.advance({ name: cursor, from: step.from, to, lease: step.proof }))) throw cursorMoved(cursor);
    };
    stored = undefined;
    if (step.batch.length === 0) await store.transact(advance);
    else await options.handle(step.batch, advance, signal);
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

function cursorMoved(name: string): FlotillaError {
  return new FlotillaError('CURSOR_MOVED', {
    kind: 'conflict',
    message: `Another process took over ${name}; what was done here since is dropped.`,
  });
}
