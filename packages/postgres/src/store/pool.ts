import { abortReason, untilAborted } from 'flotilla/kernel';
import { Connection, type ConnectionOptions } from './connection.ts';
import { isOutOfConnections } from './failure.ts';

export interface PoolOptions extends ConnectionOptions {
  readonly maxConnections: number;
}

interface Waiter {
  /** Its turn: with a connection that came back, or with the right to open one. */
  readonly take: (connection: Connection | undefined) => void;
}

/** A few connections, opened when they are needed and lent to one user at a time, first come first served. */
export class Pool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Waiter>();
  /** Places taken, by those who hold a connection and those who are opening one. Each is passed on in the end. */
  #taken = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Give it back with `release`, whatever happens. */
  async acquire(signal?: AbortSignal): Promise<Connection> {
    if (signal?.aborted) throw abortReason(signal);
    let connection = this.#taken < this.#options.maxConnections ? this.#takePlace() : await this.#turn(signal);
    while (!connection) connection = await this.#openOrWait(signal);
    return connection;
  }

  /** A connection that is not `clean` has something open on it; it is thrown away. */
  release(connection: Connection, clean: boolean): void {
    const isUsable = clean && connection.isOpen && !this.#closed;
    if (!isUsable) connection.destroy();
    this.#passOn(isUsable ? connection : undefined);
  }

  /** The caller has seen to it that nothing is lent any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((connection) => connection[Symbol.asyncDispose]()));
  }

  /** When the server has none left to give, one of those that are lent here will do. */
  async #openOrWait(signal: AbortSignal | undefined): Promise<Connection | undefined> {
    try {
      return await this.#open(signal);
    } catch (error) {
      const isUsedUp = isOutOfConnections(error);
      const idle = isUsedUp ? this.#idleConnection() : undefined;
      if (idle) return idle;
      if (!isUsedUp || this.#taken === 1) {
        this.#passOn();
        throw error;
      }
      this.#taken -= 1;
      return await this.#turn(signal);
    }
  }

  /** Who can't wait any longer leaves the new connection to others. */
  async #open(signal: AbortSignal | undefined): Promise<Connection> {
    const opening = Connection.open(this.#options);
    if (!signal) return await opening;
    return await untilAborted(signal, opening).catch((error: unknown) => {
      opening.then(
        (connection) => (this.#closed ? connection.destroy() : void this.#idle.push(connection)),
        () => undefined,
      );
      throw error;
    });
  }

  #takePlace(): Connection | undefined {
    this.#taken += 1;
    return this.#idleConnection();
  }

  #idleConnection(): Connection | undefined {
    for (let found = this.#idle.pop(); found; found = this.#idle.pop()) if (found.isOpen) return found;
    return undefined;
  }

  #turn(signal: AbortSignal | undefined): Promise<Connection | undefined> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', abandon);
      };
      const waiter: Waiter = {
        take: (connection) => {
          leave();
          resolve(connection);
        },
      };
      const abandon = (): void => {
        leave();
        reject(abortReason(signal!));
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }

  /** Whoever waits takes over the place and what comes with it; neither is given up in between. */
  #passOn(connection?: Connection): void {
    const [next] = this.#waiting;
    if (next) return next.take(connection);
    this.#taken -= 1;
    if (connection) this.#idle.push(connection);
  }
}
