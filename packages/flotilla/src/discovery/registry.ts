import type { FlotillaError } from '../kernel/index.ts';
import type { Health } from '../telemetry/index.ts';
import type { Instance, InstanceStatus, Lease, Registration } from './instance.ts';

/**
 * Knows which instances there are. It holds leases, not truths: an instance is listed while it renews its lease, and whoever
 * asks must expect that one has just died.
 *
 * **Atomic.** Each method is one change that happens whole or not at all, and is visible to `list` of everybody once its
 * promise resolves. Every change of what is listed takes the next `revision`; a renewal alone changes nothing and takes none.
 *
 * **Ordered.** A watcher sees changes in the order of revisions, and of each instance at least the last of several quick ones.
 *
 * **Watched.** A watcher gets a snapshot first and changes after it. When it can't be told what happened in between (it was
 * cut off for too long, or the registry was wiped), it gets a snapshot again. While the registry can't be reached it is told
 * `lost` once; the registry keeps trying for ever, with jitter, and comes back with a snapshot. Others see a change within 1 s,
 * watchers of the same object at once.
 *
 * **Careful.** When more than 15 % of at least 10 leases are over at the same moment, the fault is more likely on the side of the
 * registry: they are held and marked `stale` for some minutes instead of being dropped.
 *
 * Rejections: `REGISTRY_UNAVAILABLE` (try again), `REGISTRY_CLOSED`, `INVALID_INSTANCE`, `INSTANCE_ID_TAKEN`,
 * `INSTANCE_SUPERSEDED`.
 */
export interface Registry extends AsyncDisposable {
  /** For people: which kind, and where. */
  readonly description: string;

  /**
   * Lists the instance, or updates it when this incarnation is listed already. Rejects with `INSTANCE_SUPERSEDED` while a newer
   * incarnation of the same id is listed.
   */
  register(registration: Registration): Promise<Instance>;
  /** Extends the lease by its length from now. False when this incarnation is not listed: it should register again. */
  renew(lease: Lease, vitals?: Vitals): Promise<boolean>;
  /** False when this incarnation is not listed. */
  setStatus(lease: Lease, status: InstanceStatus): Promise<boolean>;
  /** Takes the instance off the list. False when this incarnation was not listed. */
  deregister(lease: Lease): Promise<boolean>;

  /** All instances of a service, or of all services, whatever their status. */
  list(service?: string): Promise<RegistrySnapshot>;
  /** Follows one service, or all of them when none is named. Disposing ends it; no call comes after that. */
  watch(service: string | undefined, listener: RegistryListener): Disposable;

  /**
   * Renews the lease every 10 s from outside the main loop, so that a busy instance is not taken for a dead one, and says with
   * each renewal whether the main loop still turns. Disposing stops it and leaves the lease as it is.
   */
  keepAlive(lease: Lease, listener: (state: LeaseState) => void): Disposable;

  /** Whether the registry can be reached now. Never rejects. */
  check(): Promise<Health>;
}

/** What an instance says about itself with a renewal. */
export interface Vitals {
  /** The main loop does not turn: the instance is listed as critical until it says otherwise, whatever its own status. */
  readonly blocked: boolean;
}

/** How a lease fares: renewed, unknown to the registry, or not to be renewed because the registry is away. */
export type LeaseState = 'kept' | 'lost' | 'away';

export interface RegistrySnapshot {
  /** Changes only when the registry forgot everything, which makes its revisions start anew. */
  readonly incarnation: string;
  readonly revision: number;
  readonly instances: readonly Instance[];
}

export type RegistryChange =
  | { readonly kind: 'put'; readonly instance: Instance }
  /** `left` by its own word or an operator's, `expired` for want of a heartbeat. */
  | { readonly kind: 'gone'; readonly id: string; readonly service: string; readonly reason: 'left' | 'expired' };

export type RegistryEvent =
  | ({ readonly kind: 'snapshot' } & RegistrySnapshot)
  | { readonly kind: 'changes'; readonly revision: number; readonly changes: readonly RegistryChange[] }
  | { readonly kind: 'lost'; readonly error: FlotillaError };

export type RegistryListener = (event: RegistryEvent) => void;
