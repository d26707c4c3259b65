import { durationMs, FlotillaError, jittered, type LinkedSignal, linkSignal, type Runtime, sleep } from '../../kernel/index.ts';
import type { HeldLease, Lease } from '../../log/index.ts';
import type { LeaseProof, Store, Transaction, TransactOptions } from '../../store/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Lead } from './lead.ts';

/** Shares of the lease. Without a renewal until the deadline, whoever leads steps down: well before the lease is over for others. */
const RENEW_SHARE = 1 / 3;
const DEADLINE_SHARE = 2 / 3;
const RETRY_SHARE = 1 / 15;

export interface TermOptions<TTables> {
  readonly name: string;
  readonly store: Store<TTables>;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** The end of the process. */
  readonly stop: AbortSignal;
  readonly work: (lead: Lead<TTables>) => Promise<unknown>;
}

/**
 * One term: from a lease that was granted until the work has ended, for whatever reason. The lease is renewed as long as the work
 * runs, even while it winds up, and given back only after it. Local time is monotonic and counts from when a renewal was sent.
 * Rejects with what the work threw of its own.
 */
export async function serve<TTables>(options: TermOptions<TTables>, held: HeldLease): Promise<void> {
  const { name, lease, stop, work, log } = options;
  const { proof } = held;
  using office = linkSignal(stop);
  using over = linkSignal();
  const renewing = keepRenewing(options, held, { office, over });
  try {
    await work(leadOf(options, proof, office));
  } catch (thrown) {
    // Work that lets the end of its term pass has ended as it should.
    if (!office.signal.aborted) throw thrown;
    log.debug({ leader: name, err: thrown }, 'the work of a leader ended with its term');
  } finally {
    over.abort(ended(name));
    await renewing;
    await lease.release(proof);
  }
}

async function keepRenewing<TTables>(
  { name, lease, leaseMs, runtime, log }: TermOptions<TTables>,
  held: HeldLease,
  { office, over }: { readonly office: LinkedSignal; readonly over: LinkedSignal },
): Promise<void> {
  const { clock, random } = runtime;
  const lose = (why: string): void => {
    if (over.signal.aborted) return;
    log.warn({ leader: name, fence: held.proof.fence }, `no longer leads: ${why}`);
    office.abort(lost(name));
    over.abort(lost(name));
  };
  const deadlineOf = ({ askedAt }: HeldLease): Disposable =>
    clock.timer(askedAt + leaseMs * DEADLINE_SHARE - clock.monotonic(), () => lose('the lease could not be renewed in time'));
  let deadline = deadlineOf(held);
  let pauseMs = leaseMs * RENEW_SHARE;
  while (await rested(clock, pauseMs, over.signal)) {
    try {
      const renewed = await lease.ask();
      if (renewed?.proof.fence !== held.proof.fence) lose('another process took over');
      deadline[Symbol.dispose]();
      if (renewed && !over.signal.aborted) deadline = deadlineOf(renewed);
      pauseMs = leaseMs * RENEW_SHARE;
    } catch (error) {
      // Not a loss until the deadline: the store may be back in a moment.
      log.debug({ leader: name, err: error }, 'a lease could not be renewed; trying again');
      pauseMs = jittered(random, leaseMs * RETRY_SHARE);
    }
  }
  deadline[Symbol.dispose]();
}

/** False when there is no more reason to wait. */
async function rested(clock: Runtime['clock'], pauseMs: number, signal: AbortSignal): Promise<boolean> {
  return await sleep(clock, pauseMs, signal).then(
    () => true,
    () => false,
  );
}

function leadOf<TTables>({ name, store, runtime }: TermOptions<TTables>, proof: LeaseProof, office: LinkedSignal): Lead<TTables> {
  const { signal } = office;
  return {
    fence: proof.fence,
    proof,
    signal,
    pause: (duration) => sleep(runtime.clock, durationMs(duration), signal),
    transact<TResult>(work: (tx: Transaction<TTables>) => TResult | Promise<TResult>, options?: TransactOptions) {
      const guarded = async (tx: Transaction<TTables>): Promise<TResult> => {
        if (await tx.leases.holds(proof)) return await work(tx);
        office.abort(lost(name));
        throw lost(name);
      };
      return store.transact(guarded, { signal, ...options });
    },
  };
}

function lost(name: string): FlotillaError {
  return new FlotillaError('LEADERSHIP_LOST', {
    kind: 'conflict',
    message: `This process no longer leads '${name}'. Nothing is written; another process goes on.`,
    details: { leader: name },
  });
}

function ended(name: string): FlotillaError {
  return new FlotillaError('CANCELLED', { kind: 'cancelled', message: `The term of '${name}' is over.` });
}
