import type { LeaseProof } from '../store/index.ts';
import { createLease, type HeldLease, type LeaseOptions } from './lease.ts';
import { every } from './pace.ts';

/** Short, because nobody can go on for a process that died until its lease is over. A lease costs nothing while there is no work. */
const LEASE_MS = 3_000;
/** At this age a lease is renewed, but nothing waits for that. */
const RENEW_AT_MS = LEASE_MS / 3;
/** At this age it is renewed before anything begins. */
const RENEW_FIRST_AT_MS = (LEASE_MS * 2) / 3;

export type LeaseKeeperOptions = Omit<LeaseOptions, 'leaseMs'>;

/**
 * Holds a lease only while there is work: an idle holder lets it run out, so an instance that gets work takes it at once.
 * Disposing lets go.
 */
export interface LeaseKeeper extends AsyncDisposable {
  /** Takes the lease, or renews it when its end is near; undefined while somebody else holds it. */
  hold(): Promise<LeaseProof | undefined>;
  /**
   * Renews while the work runs and, so that the next work need not wait for it, right behind it. The lease may be lost all the
   * same: what is written under it carries the proof.
   */
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

  const renew = (): Promise<LeaseProof | undefined> => (asking ??= ask());
  const isYounger = (ageMs: number): boolean => held !== undefined && clock.monotonic() < held.askedAt + ageMs;

  /** A renewal that fails is asked for again by the next one. */
  function renewBeside(): void {
    if (!isYounger(RENEW_AT_MS)) renew().catch(() => undefined);
  }

  return {
    async hold() {
      // Work that began beside a renewal would find the row of the lease changed, and begin again.
      return !asking && isYounger(RENEW_FIRST_AT_MS) ? held?.proof : await renew();
    },
    async during(work) {
      using _renewal = every(clock, RENEW_AT_MS, renewBeside);
      const result = await work();
      renewBeside();
      return result;
    },
    async [Symbol.asyncDispose]() {
      await asking?.catch(() => undefined);
      if (held) await lease.release(held.proof);
      held = undefined;
    },
  };
}
