import { AsyncLocalStorage } from 'node:async_hooks';
import { abortReason, type Clock, FlotillaError, isFlotillaError, linkSignal, untilAborted } from 'flotilla/kernel';
import type { Committed, Transaction, TransactOptions } from 'flotilla/store';
import type { Logger } from 'flotilla/telemetry';
import { commitUnknown, isContention, isDisconnection, isOutage, isOutOfRoom, statementFailure, unavailable } from './failure.ts';
import type { Pool } from './pool.ts';
import { beginning, Turns } from './turns.ts';
import { Unit } from './unit.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
const MOST_RUNS = 12;

export type Work = (tx: Transaction) => unknown;

export interface UnitsOptions {
  readonly service: string;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly log: Logger;
  readonly transaction: (unit: Unit) => Transaction;
  readonly onCommit: (committed: Committed) => void;
}

interface Run {
  readonly work: Work;
  readonly signal: AbortSignal;
  /** How the transaction begins. */
  readonly begin: string;
  readonly exclusive: boolean;
}

/**
 * Runs pieces of work, each in a SERIALIZABLE transaction on a connection of its own, many at once. One that the database
 * refuses because of others runs again from the start.
 */
export class Units {
  readonly #options: UnitsOptions;
  readonly #current = new AsyncLocalStorage<Unit>();
  readonly #turns = new Turns();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: UnitsOptions) {
    this.#options = options;
  }

  async submit<TResult>(work: Work, options: TransactOptions = {}): Promise<TResult> {
    this.refuseNesting();
    if (this.#closed) throw closed(this.#options.service);
    const running = this.#inTime(work, options);
    this.#running.add(running);
    try {
      // The unit resolves with what its work returned.
      return (await running) as TResult;
    } finally {
      this.#running.delete(running);
    }
  }

  refuseNesting(): void {
    if (this.#current.getStore()?.running !== true) return;
    throw new FlotillaError('NESTED_TRANSACTION', {
      kind: 'internal',
      message: `A transaction of '${this.#options.service}' would wait for itself. Use the transaction that is open, or wait until it has ended.`,
    });
  }

  /** Refuses new units, then waits for those that run. */
  async close(): Promise<void> {
    this.refuseNesting();
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async #inTime(
    work: Work,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal: caller, exclusive = false }: TransactOptions,
  ): Promise<unknown> {
    using link = linkSignal(caller);
    using _timer = Number.isFinite(timeoutMs)
      ? this.#options.clock.timer(timeoutMs, () => link.abort(timedOut(timeoutMs)), { hold: true })
      : undefined;
    for (let run = 1; ; run += 1) {
      using _turn = await this.#turns.take(run);
      try {
        return await this.#runOnce({ work, signal: link.signal, begin: beginning(run, exclusive), exclusive });
      } catch (error) {
        if (!isContention(error)) throw error;
        if (run >= MOST_RUNS) throw contended(this.#options.service, error);
      }
    }
  }

  /** Throws the database's own error when the unit must run again. */
  async #runOnce(run: Run): Promise<unknown> {
    const { service, pool } = this.#options;
    const connection = await pool.acquire(run.signal).catch((error: unknown) => {
      throw isFlotillaError(error) ? error : unavailable(service, error);
    });
    const unit = new Unit(connection, run.exclusive);
    let clean = false;
    try {
      const result = await this.#perform(unit, run);
      clean = true;
      return result;
    } catch (error) {
      clean = await this.#rolledBack(unit);
      // What the connection said weighs more than what the work made of it.
      const { failure } = unit;
      if (failure && isContention(failure)) throw failure;
      if (failure && (isDisconnection(failure) || isOutage(failure))) throw unavailable(service, failure);
      throw error;
    } finally {
      pool.release(connection, clean);
    }
  }

  async #perform(unit: Unit, { work, signal, begin }: Run): Promise<unknown> {
    if (signal.aborted) throw abortReason(signal);
    const begun = unit.begin(begin);
    begun.catch(() => undefined);
    try {
      const tx = this.#options.transaction(unit);
      const whole = async (): Promise<unknown> => {
        const result = await work(tx);
        unit.end();
        for (const check of unit.checks) await check();
        await begun;
        return result;
      };
      const result = await untilAborted(signal, this.#current.run(unit, whole));
      if (unit.failure !== undefined) throw unit.failure;
      await this.#commit(unit);
      return result;
    } finally {
      unit.end();
    }
  }

  async #commit(unit: Unit): Promise<void> {
    const { service } = this.#options;
    try {
      const outcome = await unit.connection.execute('COMMIT');
      if (outcome !== 'COMMIT') throw unavailable(service, new Error('the server rolled the transaction back'));
    } catch (error) {
      if (isFlotillaError(error) || isContention(error)) throw error;
      if (isOutOfRoom(error)) throw unavailable(service, error);
      throw isOutage(error) || isDisconnection(error) ? commitUnknown(service, error) : statementFailure(error);
    }
    for (const callback of unit.callbacks) this.#call(callback);
    this.#call(() => this.#options.onCommit(unit.touched));
  }

  /** True when the connection can be used again. */
  async #rolledBack(unit: Unit): Promise<boolean> {
    // A statement that still runs would hold up the rollback; without its connection it ends by itself.
    if (unit.pending > 0 || !unit.connection.isOpen) return false;
    return await unit.connection.execute('ROLLBACK').then(
      () => true,
      () => false,
    );
  }

  #call(callback: () => unknown): void {
    try {
      callback();
    } catch (error) {
      this.#options.log.error({ service: this.#options.service, err: error }, 'a callback after a commit failed');
    }
  }
}

function timedOut(timeoutMs: number): FlotillaError {
  return new FlotillaError('TRANSACTION_TIMEOUT', {
    kind: 'timeout',
    message: `The transaction took longer than ${timeoutMs} ms and was rolled back. Do slow work before or after it.`,
  });
}

function contended(service: string, cause: unknown): FlotillaError {
  return new FlotillaError('CONTENDED', {
    kind: 'conflict',
    retryable: true,
    message: `A transaction of '${service}' lost ${MOST_RUNS} times to others that use the same rows. Nothing of it was kept; try again.`,
    cause,
  });
}

export function closed(service: string): FlotillaError {
  return new FlotillaError('STORE_CLOSED', {
    kind: 'unavailable',
    message: `The store of '${service}' is closed. It takes no more work.`,
  });
}
