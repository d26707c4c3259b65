import type { Runtime } from '../kernel/index.ts';
import type { LeaseProof, Store } from '../store/index.ts';
import { every } from './pace.ts';

/** Short, because nobody can go on for a process that died until its lease is over. A lease costs nothing while there is no work. */
const LEASE_MS = 3_000;

export interface LeaseKeeperOptions {
  readonly store: Store;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** What must happen in one place only. */
  readonly name: string;
  /** This incarnation of this process. */
  readonly owner: string;
}

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

export function createLeaseKeeper({ store, runtime, name, owner }: LeaseKeeperOptions): LeaseKeeper {
  let held: { proof: LeaseProof; renewAt: number } | undefined;
  let asking: Promise<LeaseProof | undefined> | undefined;

  async function ask(): Promise<LeaseProof | undefined> {
    // The lease may have begun at any time after it was asked for, so its age counts from here.
    const askedAt = runtime.clock.monotonic();
    try {
      const proof = await store.transact((tx) => tx.leases.acquire(name, owner, LEASE_MS));
      held = proof && { proof, renewAt: askedAt + LEASE_MS / 3 };
      return proof;
    } finally {
      asking = undefined;
    }
  }

  const hold = async (): Promise<LeaseProof | undefined> => {
    if (held && runtime.clock.monotonic() < held.renewAt) return held.proof;
    asking ??= ask();
    return await asking;
  };

  return {
    hold,
    async during(work) {
      // A renewal that fails is asked for again by the next one.
      using _renewal = every(runtime.clock, LEASE_MS / 3, () => void hold().catch(() => undefined));
      return await work();
    },
    async [Symbol.asyncDispose]() {
      await asking?.catch(() => undefined);
      if (held) await store.transact((tx) => tx.leases.release(held!.proof)).catch(() => undefined);
      held = undefined;
    },
  };
}
