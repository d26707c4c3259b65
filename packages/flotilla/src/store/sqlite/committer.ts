import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, FlotillaError } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Committed, Transaction, TransactOptions } from '../store.ts';
import { type Bracket, type Brackets, createBrackets } from './bracket.ts';
import { unavailable } from './failure.ts';
import { patiently } from './patience.ts';
import type { Touched } from './touched.ts';
import { Unit, type Work } from './unit.ts';
import { WriteGroup } from './write-group.ts';

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

type Queued = Unit | WriteGroup;

/**
 * The one writer of a database in this process. Units queue up and run one after another, each such that it can be undone
 * alone; all that came in the same turn of the event loop share one COMMIT, so many units cost one fsync.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #brackets: Brackets;
  readonly #queue: Queued[] = [];
  readonly #current = new AsyncLocalStorage<Unit>();
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    const { db } = options;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#brackets = createBrackets(db);
  }

  /** Runs the code of a service in a unit. */
  submit<TResult>(work: Work, options?: TransactOptions): Promise<TResult> {
    return new Promise<unknown>((resolve, reject) => {
      this.#assertOpen();
      this.#enqueue(new Unit({ work, options, clock: this.#options.clock, resolve, reject }));
      // The unit resolves with what its work returned.
    }) as Promise<TResult>;
  }

  /** Runs a write of the driver itself, which acts on nothing but the database. Those that come one after another make a group. */
  write<TResult>(work: () => TResult): Promise<TResult> {
    return new Promise<unknown>((resolve, reject) => {
      this.#assertOpen();
      this.#openGroup().add({ work, resolve, reject });
      // It resolves with what the work returned.
    }) as Promise<TResult>;
  }

  #openGroup(): WriteGroup {
    const last = this.#queue.at(-1);
    if (last instanceof WriteGroup && last.hasRoom) return last;
    const group = new WriteGroup();
    this.#enqueue(group);
    return group;
  }

  #assertOpen(): void {
    this.#refuseNesting();
    if (this.#closed) throw closed(this.#options.service);
  }

  #enqueue(queued: Queued): void {
    this.#queue.push(queued);
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
    const done: Queued[] = [];
    const committed = { events: false, sagas: false };
    try {
      await patiently(this.#options.clock, () => this.#begin.run());
    } catch (cause) {
      return this.#abandon(this.#queue.splice(0, UNITS_PER_COMMIT), cause);
    }
    try {
      const endBy = this.#options.clock.monotonic() + COMMIT_MS;
      while (done.length < UNITS_PER_COMMIT && this.#queue.length > 0 && this.#options.clock.monotonic() <= endBy) {
        const unit = this.#queue.shift()!;
        // The code of a service always gets a savepoint, which notices when that code ends the transaction.
        const bracket = done.length === 0 && unit instanceof WriteGroup ? 'transaction' : 'savepoint';
        if (!unit.settled && (await this.#runUnit(unit, this.#brackets[bracket], committed))) done.push(unit);
      }
      this.#commit.run();
    } catch (cause) {
      return this.#abandon(done, cause);
    }
    this.#publish(done, committed);
  }

  /** True when the unit did its work and waits for the commit. Throws when the whole transaction is lost. */
  async #runUnit(unit: Queued, bracket: Bracket, committed: Touched): Promise<boolean> {
    const { service, db, touched, transaction } = this.#options;
    touched.events = touched.sagas = false;
    try {
      bracket.open();
      if (unit instanceof Unit) await unit.run(transaction(unit), this.#current);
      else unit.run();
      bracket.close();
    } catch (error) {
      if (!db.isTransaction) {
        // A full disk or a failing one makes SQLite roll back everything, neighbours included.
        unit.fail(unavailable(service, error));
        throw error;
      }
      bracket.undo();
      this.#failAlone(unit, error);
      return false;
    }
    committed.events ||= touched.events;
    committed.sagas ||= touched.sagas;
    return true;
  }

  /** Writes that came together with the one that failed come next, each by itself. */
  #failAlone(unit: Queued, error: unknown): void {
    const apart = unit instanceof WriteGroup ? unit.apart() : [];
    if (apart.length > 0) this.#queue.unshift(...apart);
    else unit.fail(error);
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
