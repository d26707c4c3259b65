import type { Kysely } from 'kysely';
import { abortReason, type FlotillaError, type Runtime, untilAborted } from 'flotilla/kernel';
import type { Committed, EventStore, ProjectionReader, SagaStore, Store, Transaction, TransactOptions } from 'flotilla/store';
import type { Logger } from 'flotilla/telemetry';
import { Committer } from './committer.ts';
import type { Connections } from './connections.ts';
import { createCursorReader } from './cursors.ts';
import { Engine } from './engine.ts';
import { createEventReader } from './event-reader.ts';
import { createEventStore } from './event-store.ts';
import { Head } from './head.ts';
import { createIdempotencyReader } from './idempotency.ts';
import { createProjectionReader } from './projections.ts';
import { createReader } from './reader.ts';
import { createSagaStore } from './saga-store.ts';
import { statement } from './statement.ts';
import { createTransaction } from './transaction.ts';
import { closed, Units } from './units.ts';
import { WakeUps } from './wake-ups.ts';

const write = statement(
  'INSERT INTO flotilla_check (id, at) VALUES (1, flotilla_now()) ON CONFLICT (id) DO UPDATE SET at = excluded.at',
);

export interface PostgresStoreOptions {
  readonly service: string;
  readonly connections: Connections;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  readonly wakeUps: boolean;
}

/** A service's database on PostgreSQL. */
export class PostgresStore implements Store {
  readonly service: string;
  readonly reader: Kysely<unknown>;
  readonly events: EventStore;
  readonly idempotency: Store['idempotency'];
  readonly cursors: Store['cursors'];
  readonly projections: ProjectionReader;
  readonly sagas: SagaStore;
  readonly #options: PostgresStoreOptions;
  readonly #units: Units;
  readonly #committer: Committer;
  readonly #head: Head;
  readonly #engine: Engine;
  readonly #listeners = new Set<(committed: Committed) => void>();
  readonly #wakeUps: WakeUps | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: PostgresStoreOptions) {
    const { service, connections, log, runtime } = options;
    const { clock } = runtime;
    const onCommit = (committed: Committed): void => this.#committed(committed);
    const ended = (): FlotillaError | undefined => (this.#isClosed ? closed(service) : undefined);
    const engine = new Engine({ service, channel: connections.engine, closed: ended });
    const reads = new Engine({ service, channel: connections.reads, closed: ended });
    const head = new Head({ service, db: engine, clock, log, onMove: () => this.#tell({ events: true, sagas: false }) });
    const reader = createEventReader(reads, head);
    const units = new Units({
      service,
      clock,
      log,
      onCommit,
      pool: connections.units,
      transaction: (unit) => createTransaction(unit, { outside: engine, log: reader }),
    });
    const unit = <TResult>(work: (tx: Transaction) => Promise<TResult>): Promise<TResult> => units.submit(work);
    const committer = new Committer({ service, lanes: connections.lanes, onCommit, unit });
    this.service = service;
    this.reader = createReader({ service, pool: connections.readers, closed: ended });
    this.events = createEventStore({ engine, reader, committer, units });
    this.idempotency = createIdempotencyReader(engine);
    this.cursors = createCursorReader(engine);
    this.projections = createProjectionReader(reads);
    this.sagas = createSagaStore({ engine, reads, committer, units });
    this.#options = options;
    this.#units = units;
    this.#committer = committer;
    this.#head = head;
    this.#engine = engine;
    const onWake = (committed: Committed): void => this.#tell(committed);
    const listening = { service, ...runtime, log, onWake, connection: connections.options('wake-ups') };
    this.#wakeUps = options.wakeUps ? new WakeUps(listening) : undefined;
  }

  transact<TResult>(work: (tx: Transaction) => TResult | Promise<TResult>, options?: TransactOptions): Promise<TResult> {
    return this.#units.submit<TResult>(work, options);
  }

  onCommit(listener: (committed: Committed) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async check(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    await untilAborted(signal, this.#engine.query(write));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#units.refuseNesting();
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    // Both at once: what the committer can't merge becomes units.
    await Promise.all([this.#committer.close(), this.#units.close()]);
    this.#isClosed = true;
    this.#listeners.clear();
    this.#head[Symbol.dispose]();
    await this.#wakeUps?.[Symbol.asyncDispose]();
    await this.#options.connections[Symbol.asyncDispose]();
  }

  #committed(committed: Committed): void {
    this.#wakeUps?.tell(committed);
    this.#tell(committed);
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
