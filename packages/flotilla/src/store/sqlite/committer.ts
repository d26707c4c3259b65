import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, FlotillaError } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Committed, Transaction, TransactOptions } from '../store.ts';
import { DirectWrite } from './direct-write.ts';
import { unavailable } from './failure.ts';
import { patiently } from './patience.ts';
import { Unit, type Work } from './unit.ts';
import type { Touched } from './touched.ts';

/** Bounds how long the first unit of a commit waits for the last. */
const UNITS_PER_COMMIT = 256;
/** Units leave each other no turn of the event loop, so a commit ends early enough for sockets and timers to get theirs. */
const COMMIT_MS = 5;

export interface CommitterOptions {
  readonly service: string;
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly log: Logger;
  readonly touched: Touched;
  readonly transaction: (unit: Unit) => Transaction;
  readonly onCommit: (committed: Committed) => void;
}

type Queued = Unit | DirectWrite;

/**
 * The one writer of a database in this process. Units queue up and run one after another, each in its own savepoint; all
 * that came in the same turn of the event loop share one COMMIT, so many units cost one fsync.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #statements: Readonly<Record<'begin' | 'commit' | 'savepoint' | 'release' | 'undo', StatementSync>>;
  readonly #queue: Queued[] = [];
  readonly #current = new AsyncLocalStorage<Unit>();
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    const { db } = options;
    this.#statements = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      savepoint: db.prepare('SAVEPOINT unit'),
      release: db.prepare('RELEASE unit'),
      undo: db.prepare('ROLLBACK TO unit'),
    };
  }

  /** Runs the code of a service in a unit. */
  submit<TResult>(work: Work, options?: TransactOptions): Promise<TResult> {
    return new Promise<unknown>((resolve, reject) => {
      this.#enqueue(() => new Unit({ work, options, clock: this.#options.clock, resolve, reject }));
      // The unit resolves with what its work returned.
    }) as Promise<TResult>;
  }

  /** Runs a write of the driver itself in a unit. */
  write<TResult>(work: () => TResult): Promise<TResult> {
    return new Promise<unknown>((resolve, reject) => {
      this.#enqueue(() => new DirectWrite(work, resolve, reject));
      // It resolves with what the work returned.
    }) as Promise<TResult>;
  }

  #enqueue(make: () => Queued): void {
    this.#refuseNesting();
    if (this.#closed) throw closed(this.#options.service);
    this.#queue.push(make());
    this.#work ??= this.#drain();
  }

  /** Refuses new units, then waits for those that are queued. */
  close(): Promise<void> {
    this.#refuseNesting();
    this.#closed = true;
    return this.#work ?? Promise.resolve();
  }

  #refuseNesting(): void {
    if (this.#current.getStore()?.running !== true) return;
    throw new FlotillaError('NESTED_TRANSACTION', {
      kind: 'internal',
      message: `A transaction of '${this.#options.service}' would wait for itself. Use the transaction that is open, or wait until it has ended.`,
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Whatever this turn of the event loop still has in store joins the same commit.
      await nextTurn();
      await this.#commitBatch();
    }
    this.#work = undefined;
  }

  async #commitBatch(): Promise<void> {
    const { begin, commit } = this.#statements;
    const done: Queued[] = [];
    const committed = { events: false, sagas: false };
    try {
      await patiently(this.#options.clock, () => begin.run());
    } catch (cause) {
      return this.#abandon(this.#queue.splice(0, UNITS_PER_COMMIT), cause);
    }
    try {
      const endBy = this.#options.clock.monotonic() + COMMIT_MS;
      while (done.length < UNITS_PER_COMMIT && this.#queue.length > 0 && this.#options.clock.monotonic() <= endBy) {
        const unit = this.#queue.shift()!;
        if (!unit.settled && (await this.#runUnit(unit, committed))) done.push(unit);
      }
      commit.run();
    } catch (cause) {
      return this.#abandon(done, cause);
    }
    this.#publish(done, committed);
  }

  /** True when the unit did its work and waits for the commit. Throws when the whole transaction is lost. */
  async #runUnit(unit: Queued, committed: Touched): Promise<boolean> {
    const { service, db, touched, transaction } = this.#options;
    const { savepoint, release, undo } = this.#statements;
    touched.events = touched.sagas = false;
    try {
      savepoint.run();
      if (unit instanceof Unit) await unit.run(transaction(unit), this.#current);
      else unit.run();
      release.run();
    } catch (error) {
      const isLost = !db.isTransaction;
      unit.fail(isLost ? unavailable(service, error) : error);
      // A full disk or a failing one makes SQLite roll back everything, neighbours included.
      if (isLost) throw error;
      undo.run();
      release.run();
      return false;
    }
    committed.events ||= touched.events;
    committed.sagas ||= touched.sagas;
    return true;
  }

  #abandon(units: readonly Queued[], cause: unknown): void {
    const { db, service, log } = this.#options;
    this.#call(() => db.isTransaction && db.exec('ROLLBACK'));
    log.error({ service, units: units.length, err: cause }, 'a commit failed; its units were rolled back');
    for (const unit of units) if (!unit.settled) unit.fail(unavailable(service, cause));
  }

  #publish(done: readonly Queued[], committed: Committed): void {
    for (const unit of done) {
      for (const callback of unit.callbacks) this.#call(callback);
      unit.succeed();
    }
    this.#call(() => this.#options.onCommit(committed));
  }

  #call(callback: () => unknown): void {
    try {
      callback();
    } catch (error) {
      this.#options.log.error({ service: this.#options.service, err: error }, 'a callback of the committer failed');
    }
  }
}

function closed(service: string): FlotillaError {
  return new FlotillaError('STORE_CLOSED', {
    kind: 'unavailable',
    message: `The store of '${service}' is closed. It takes no more work.`,
  });
}
