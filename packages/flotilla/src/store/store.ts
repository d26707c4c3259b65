import type { Kysely } from 'kysely';
import type { EventStore, EventWriter } from './events.ts';
import type { CursorTable, IdempotencyTable, InboxTable, LeaseTable } from './messages.ts';
import type { ProjectionReader, ProjectionTable } from './projections.ts';
import type { SagaStore, SagaWriter } from './sagas.ts';

/** A unit that commits whole or not at all. It is usable only until the work function settles; later use throws `TRANSACTION_ENDED`. */
export interface Transaction<TTables = unknown> {
  /** The service's own tables. */
  readonly db: Kysely<TTables>;
  readonly events: EventWriter;
  readonly idempotency: IdempotencyTable;
  readonly inbox: InboxTable;
  readonly cursors: CursorTable;
  readonly leases: LeaseTable;
  readonly sagas: SagaWriter;
  readonly projections: ProjectionTable;
  /** Runs after the commit is durable, in order; never runs when the unit fails. Its own failure is logged, not thrown. */
  afterCommit(callback: () => void): void;
}

/** What a commit touched, for those who wait for work. */
export interface Committed {
  readonly events: boolean;
  /** A saga may be claimed that could not be before: one was inserted, repaired, or given back. */
  readonly sagas: boolean;
}

export interface TransactOptions {
  /** Gives up and rolls back after this time; 5 s unless said. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** No append of anybody else is under way while it runs, so it sees the whole log. It holds up all who write: keep it short. */
  exclusive?: boolean;
}

/**
 * One service's database.
 * - Atomic: everything a unit writes, through `db` or any table, becomes visible together or never. A unit that throws, times
 *   out or is aborted leaves nothing.
 * - Durable: `transact` resolves only after the commit survives a power loss. Units may share one commit; they stay
 *   independent, and one that fails does not touch its neighbours.
 * - Isolated: units leave what they would leave had they run one after another. A driver may run several at once; one that gets in
 *   the way of others is run again from the start, so the work acts on nothing but its transaction. What an earlier run handed
 *   to `afterCommit` is dropped. A unit that loses again and again rejects with `CONTENDED`.
 * - Ordered: a unit sees every unit that was acknowledged before it was submitted. An embedded driver also runs the units of its
 *   process in the order they were submitted.
 * - Closing waits for running units, refuses new ones with `STORE_CLOSED`, and is final.
 */
export interface Store<TTables = unknown> extends AsyncDisposable {
  /** The name of the service that owns it. */
  readonly service: string;
  /** Read-only view of committed data; writing through it throws. */
  readonly reader: Kysely<TTables>;
  readonly events: EventStore;
  /** Replies of commands that have committed. */
  readonly idempotency: Pick<IdempotencyTable, 'find'>;
  readonly sagas: SagaStore;
  readonly cursors: Pick<CursorTable, 'position'>;
  readonly projections: ProjectionReader;
  transact<TResult>(work: (tx: Transaction<TTables>) => TResult | Promise<TResult>, options?: TransactOptions): Promise<TResult>;
  /** Calls back after each commit of this process. A wake-up only: commits of other processes are found by polling. */
  onCommit(listener: (committed: Committed) => void): Disposable;
  /** Proves the database can still be read and written; throws why not. */
  check(signal: AbortSignal): Promise<void>;
}
