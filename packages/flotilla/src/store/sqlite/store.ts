import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { abortReason, FlotillaError, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { EventStore } from '../events.ts';
import type { ProjectionReader } from '../projections.ts';
import type { SagaStore } from '../sagas.ts';
import type { Committed, Store, Transaction, TransactOptions } from '../store.ts';
import { Committer } from './committer.ts';
import { createCursorReader } from './cursors.ts';
import { createKysely, createQueryRunner } from './dialect.ts';
import { guarded } from './direct.ts';
import { createEventStore } from './event-store.ts';
import { createIdempotencyReader } from './idempotency.ts';
import { createProjectionReader } from './projections.ts';
import { createSagaStore } from './saga-store.ts';
import { createTables } from './tables.ts';
import { createTransactions } from './transaction.ts';

export interface SqliteStoreOptions {
  readonly service: string;
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly log: Logger;
}

/** A service's database over two connections: all writing goes through the committer, all reading past it. */
export class SqliteStore implements Store {
  readonly service: string;
  readonly reader: Kysely<unknown>;
  readonly events: EventStore;
  readonly idempotency: Store['idempotency'];
  readonly sagas: SagaStore;
  readonly cursors: Store['cursors'];
  readonly projections: ProjectionReader;
  readonly committer: Committer;
  readonly #options: SqliteStoreOptions;
  readonly #listeners = new Set<(committed: Committed) => void>();
  #closing: Promise<void> | undefined;

  constructor(options: SqliteStoreOptions) {
    const { service, writer, reader, runtime, log } = options;
    const touched = { events: false, sagas: false };
    const guard = { assertOpen: () => this.#assertOpen() };
    const tables = createTables(writer, runtime.clock, touched);
    this.service = service;
    this.#options = options;
    this.committer = new Committer({
      service,
      log,
      touched,
      db: writer,
      clock: runtime.clock,
      transaction: createTransactions(writer, tables),
      onCommit: (committed) => this.#tell(committed),
    });
    this.reader = createKysely(createQueryRunner(reader), guard);
    this.events = createEventStore({ ...options, tables, committer: this.committer, guard });
    this.idempotency = guarded<Store['idempotency']>(createIdempotencyReader(reader))(guard);
    this.cursors = guarded<Store['cursors']>(createCursorReader(reader))(guard);
    this.projections = guarded<ProjectionReader>(createProjectionReader(reader))(guard);
    this.sagas = createSagaStore({ ...options, tables, committer: this.committer, guard });
  }

  transact<TResult>(work: (tx: Transaction) => TResult | Promise<TResult>, options?: TransactOptions): Promise<TResult> {
    return this.committer.submit<TResult>(work, options);
  }

  onCommit(listener: (committed: Committed) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async check(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    await this.events.head();
    const { writer, runtime } = this.#options;
    const write = 'INSERT INTO flotilla_check (id, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at';
    await this.transact(() => void writer.prepare(write).run(runtime.clock.now()), { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worked = this.committer.close();
    this.#closing ??= this.#close(worked);
    await this.#closing;
  }

  async #close(worked: Promise<void>): Promise<void> {
    await worked;
    this.#listeners.clear();
    this.#options.reader.close();
    this.#options.writer.close();
  }

  #assertOpen(): void {
    if (this.#options.reader.isOpen) return;
    throw new FlotillaError('STORE_CLOSED', { kind: 'unavailable', message: `The store of '${this.service}' is closed.` });
  }

  #tell(committed: Committed): void {
    for (const listener of this.#listeners) {
      try {
        listener(committed);
      } catch (error) {
        this.#options.log.error({ service: this.service, err: error }, 'a listener for commits failed');
      }
    }
  }
}
