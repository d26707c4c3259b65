import type { LeaseProof } from '../store/index.ts';
import { createLease, type HeldLease, type LeaseOptions } from './lease.ts';
import { every } from './pace.ts';

/** Short, because nobody can go on for a process that died until its lease is over. A lease costs nothing while there is no work. */
const LEASE_MS = 3_000;

export type LeaseKeeperOptions = Omit<LeaseOptions, 'leaseMs'>;

/**
 * Holds a lease only while there is work: an idle holder lets it run out, so an instance that gets work takes it at once.
 * Disposing lets go.
 */
export interface LeaseKeeper extends AsyncDisposable {
  /** Takes or renews the lease when it is due; undefined while somebody else holds it. */
  hold(): Promise<LeaseProof | undefined>;
  /** Keeps renewing while the work runs. It may be lost all the same: what is written under it carries the proof. */
  during<TResult>(work: () => Promise<TResult>): Promise<TResult>;
}

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { clock } = options.runtime;
  const lease = createLease({ ...options, leaseMs: LEASE_MS });
  let held: HeldLease | undefined;
  let asking: Promise<LeaseProof | undefined> | undefined;

  async function ask(): Promise<LeaseProof | undefined> {
    try {
      held = await lease.ask();
      return held?.proof;
    } finally {
      asking = undefined;
    }
  }

  const hold = async (): Promise<LeaseProof | undefined> => {
    if (held && clock.monotonic() < held.askedAt + LEASE_MS / 3) return held.proof;
    asking ??= ask();
    return await asking;
  };

  return {
    hold,
    async during(work) {
      // A renewal that fails is asked for again by the next one.
      using _renewal = every(clock, LEASE_MS / 3, () => void hold().catch(() => undefined));
      return await work();
    },
    async [Symbol.asyncDispose]() {
      await asking?.catch(() => undefined);
      if (held) await lease.release(held.proof);
      held = undefined;
    },
  };
}
