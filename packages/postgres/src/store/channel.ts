import { FlotillaError } from 'flotilla/kernel';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Answer, Queries, Statement } from './statement.ts';

/**
 * One connection that many share, opened when it is first used and again after it was lost. Statements are sent as they come
 * and answered in order; each is a transaction of its own.
 */
export class Channel implements Queries, AsyncDisposable {
  readonly #options: ConnectionOptions;
  #opening: Promise<Connection> | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  async query<TRow>(statement: Statement<TRow>, values?: readonly unknown[]): Promise<Answer<TRow>> {
    const connection = await this.connection();
    return await connection.query(statement, values);
  }

  connection(): Promise<Connection> {
    if (this.#closed) {
      return Promise.reject(new FlotillaError('STORE_CLOSED', { kind: 'unavailable', message: 'The store is closed.' }));
    }
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const connection = await this.#opening?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }

  #open(): Promise<Connection> {
    const opening = Connection.open(this.#options);
    const forget = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    opening.then(({ ended }) => ended.then(forget), forget);
    return opening;
  }
}
