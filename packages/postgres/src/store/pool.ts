import { abortReason, untilAborted } from 'flotilla/kernel';
import { Connection, type ConnectionOptions } from './connection.ts';
import { isOutOfConnections } from './failure.ts';

export interface PoolOptions extends ConnectionOptions {
  readonly maxConnections: number;
}

interface Waiter {
  readonly take: () => void;
}

/** A few connections, opened when they are needed and lent to one user at a time, first come first served. */
export class Pool implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #idle: Connection[] = [];
  readonly #waiting = new Set<Waiter>();
  /** Places taken, by those who hold a connection and those who are about to. */
  #lent = 0;
  #held = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Give it back with `release`, whatever happens. */
  async acquire(signal?: AbortSignal): Promise<Connection> {
    if (signal?.aborted) throw abortReason(signal);
    if (this.#lent >= this.#options.maxConnections) await this.#turn(signal);
    else this.#lent += 1;
    for (;;) {
      try {
        const connection = this.#idleConnection() ?? (await this.#open(signal));
        this.#held += 1;
        return connection;
      } catch (error) {
        const isUsedUp = isOutOfConnections(error);
        // The server has none left to give: one that came back meanwhile will do, or that of somebody else here.
        if (isUsedUp && this.#idle.length > 0) continue;
        this.#passOn();
        if (!isUsedUp || this.#held === 0) throw error;
        await this.#turn(signal);
      }
    }
  }

  /** A connection that is not `clean` has something open on it; it is thrown away. */
  release(connection: Connection, clean: boolean): void {
    this.#held -= 1;
    if (clean) this.#keep(connection);
    else connection.destroy();
    this.#passOn();
  }

  /** The caller has seen to it that nothing is lent any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#idle.splice(0).map((connection) => connection[Symbol.asyncDispose]()));
  }

  /** Who can't wait any longer leaves the new connection to others. */
  async #open(signal: AbortSignal | undefined): Promise<Connection> {
    const opening = Connection.open(this.#options);
    if (!signal) return await opening;
    return await untilAborted(signal, opening).catch((error: unknown) => {
      opening.then(
        (connection) => this.#keep(connection),
        () => undefined,
      );
      throw error;
    });
  }

  #keep(connection: Connection): void {
    if (this.#closed || !connection.isOpen) connection.destroy();
    else this.#idle.push(connection);
  }

  #idleConnection(): Connection | undefined {
    for (let found = this.#idle.pop(); found; found = this.#idle.pop()) if (found.isOpen) return found;
    return undefined;
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', abandon);
      };
      const waiter: Waiter = {
        take: () => {
          leave();
          resolve();
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

  /** Whoever waits takes over the place; it is not given up in between. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (next) next.take();
    else this.#lent -= 1;
  }
}
