import { FlotillaError } from 'flotilla/kernel';
import type { Connection } from './connection.ts';
import type { Sent } from './dialect.ts';
import { isContention, isDisconnection } from './failure.ts';
import type { Answer, Queries, Statement } from './statement.ts';
import type { Touched } from './touched.ts';

const SAVEPOINT = 'SAVEPOINT flotilla_statement';
const RELEASE = 'RELEASE flotilla_statement';
const UNDO = 'ROLLBACK TO flotilla_statement; RELEASE flotilla_statement';

/** One run of a piece of work on a connection of its own. It takes statements only while the work runs. */
export class Unit implements Queries {
  readonly connection: Connection;
  /** Nobody else can append while it runs. */
  readonly exclusive: boolean;
  readonly callbacks: (() => void)[] = [];
  /** Looks, once the work is done, whether it may commit. */
  readonly checks: (() => Promise<void>)[] = [];
  readonly touched: Touched = { events: false, sagas: false };
  /** Why the transaction can't commit any more, even if the work took no notice. */
  failure: Error | undefined;
  #running = true;
  #pending = 0;

  constructor(connection: Connection, exclusive: boolean) {
    this.connection = connection;
    this.exclusive = exclusive;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Statements that were not answered yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Sends how the transaction begins; whatever is sent next travels with it. */
  begin(sql: string): Promise<unknown> {
    return this.#watch(this.connection.execute(sql));
  }

  end(): void {
    this.#running = false;
  }

  assertOpen(): void {
    if (this.#running) return;
    throw new FlotillaError('TRANSACTION_ENDED', {
      kind: 'internal',
      message: 'This transaction has ended. Await everything that uses it before the work function returns.',
    });
  }

  async query<TRow>(statement: Statement<TRow>, values?: readonly unknown[]): Promise<Answer<TRow>> {
    this.assertOpen();
    return await this.#watch(this.connection.query(statement, values));
  }

  /** A look of the engine's own, once the work is done. */
  async look<TRow>(statement: Statement<TRow>, values?: readonly unknown[]): Promise<Answer<TRow>> {
    return await this.#watch(this.connection.query(statement, values));
  }

  /** A statement of the service. One that fails takes back only itself, as on every engine. */
  async send({ text, values, writes }: { text: string; values: unknown[]; writes: boolean }): Promise<Sent> {
    this.assertOpen();
    if (!writes) return await this.#watch(this.connection.send({ text, values }));
    // All three are sent at once, so the savepoint costs no further round trip.
    const savepoint = this.connection.execute(SAVEPOINT);
    const sent = this.connection.send({ text, values });
    const released = this.connection.execute(RELEASE);
    const [, answer] = await this.#count(Promise.allSettled([savepoint, sent, released]));
    if (answer.status === 'fulfilled') return answer.value;
    // Whatever the client library rejects with is an error.
    const error = answer.reason as Error;
    if (isContention(error) || isDisconnection(error)) this.failure ??= error;
    else await this.connection.execute(UNDO);
    throw error;
  }

  async #watch<TAnswer>(sent: Promise<TAnswer>): Promise<TAnswer> {
    try {
      return await this.#count(sent);
    } catch (error) {
      // Whatever the client library rejects with is an error.
      this.failure ??= error as Error;
      throw error;
    }
  }

  async #count<TAnswer>(sent: Promise<TAnswer>): Promise<TAnswer> {
    this.#pending += 1;
    try {
      return await sent;
    } finally {
      this.#pending -= 1;
    }
  }
}
