import type { Runtime } from '../kernel/index.ts';
import type { LeaseProof, Transaction } from '../store/index.ts';

/** A store of any tables. */
export interface LeaseStore {
  transact<TResult>(work: (tx: Pick<Transaction, 'leases'>) => Promise<TResult>): Promise<TResult>;
}

export interface LeaseOptions {
  readonly store: LeaseStore;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** What must happen in one place only. */
  readonly name: string;
  /** This incarnation of this process; never a host name. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** A lease that was granted. */
export interface HeldLease {
  readonly proof: LeaseProof;
  /** Monotonic milliseconds at which it was asked for. It may have begun at any time since, so its age counts from here. */
  readonly askedAt: number;
}

/** One owner's way to one lease. What to do with it, and for how long, others decide. */
export interface Lease {
  /** Takes the lease, or renews it; undefined while somebody else holds it. */
  ask(): Promise<HeldLease | undefined>;
  /** Lets go, if it is still held. A store that is away does not matter: the lease ends by itself. */
  release(proof: LeaseProof): Promise<void>;
}

export function createLease({ store, runtime, name, owner, leaseMs }: LeaseOptions): Lease {
  return {
    async ask() {
      const askedAt = runtime.clock.monotonic();
      const proof = await store.transact((tx) => tx.leases.acquire(name, owner, leaseMs));
      return proof && { proof, askedAt };
    },
    async release(proof) {
      await store.transact((tx) => tx.leases.release(proof)).catch(() => undefined);
    },
  };
}
