import type { Kysely } from 'kysely';
import type { EventReader, EventWriter } from './events.ts';
import type { CursorTable, IdempotencyTable, InboxTable, LeaseTable } from './messages.ts';
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
}

/**
 * One service's database.
 * - Atomic: everything a unit writes, through `db` or any table, becomes visible together or never. A unit that throws, times
 *   out or is aborted leaves nothing.
 * - Durable: `transact` resolves only after the commit survives a power loss. Units may share one commit; they stay
 *   independent, and one that fails does not touch its neighbours.
 * - Isolated: units see all earlier units of this database and none later.
 * - Ordered: units submitted in order by one process run in that order.
 * - Closing waits for running units, refuses new ones with `STORE_CLOSED`, and is final.
 */
export interface Store<TTables = unknown> extends AsyncDisposable {
  /** The name of the service that owns it. */
  readonly service: string;
  /** Read-only view of committed data; writing through it throws. */
  readonly reader: Kysely<TTables>;
  readonly events: EventReader;
  /** Replies of commands that have committed. */
  readonly idempotency: Pick<IdempotencyTable, 'find'>;
  readonly sagas: SagaStore;
  transact<TResult>(work: (tx: Transaction<TTables>) => TResult | Promise<TResult>, options?: TransactOptions): Promise<TResult>;
  /** Calls back after each commit of this process. A wake-up only: commits of other processes are found by polling. */
  onCommit(listener: (committed: Committed) => void): Disposable;
  /** Proves the database can still be read and written; throws why not. */
  check(signal: AbortSignal): Promise<void>;
}
