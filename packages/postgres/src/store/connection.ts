import { Client, type ClientConfig, type QueryResult } from 'pg';
import { arrayText, type Scalar } from './array-text.ts';
import { type Answer, type Queries, type Statement, statement } from './statement.ts';
import { columnTypes } from './types.ts';

const CONNECT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/**
 * A process that hangs with a transaction open holds up whoever wants its rows, and all readers of the log if it appended; the
 * server then ends it. No unit rests between two statements: it calls nobody and has 5 s in all unless it asks for more.
 */
const IDLE_IN_TRANSACTION_MS = 15_000;
const STATEMENT_MS = 30_000;

/** Settings of the session, as in `postgresql.conf`. A pooler in transaction mode may drop them; nothing depends on them for being right. */
export type SessionSettings = Readonly<Record<string, string>>;

export interface ConnectionOptions {
  readonly url: string;
  /** What operators see in `pg_stat_activity`. */
  readonly name: string;
  readonly settings?: SessionSettings;
  /** How long the server works on one statement, 30 s unless said; for ever in migrations. */
  readonly statementMs?: number;
  /** How long an answer may take before the connection counts as dead; for ever unless given. */
  readonly answerMs?: number;
}

const greeter = statement<{ pid: number }>('SELECT pg_backend_pid() AS pid');

/** How the client library is to connect. Several statements may be on their way at once, each answered in turn. */
export function clientConfig({
  url,
  name,
  settings = {},
  answerMs,
  statementMs = STATEMENT_MS,
}: ConnectionOptions): ClientConfig {
  const flags = Object.entries(settings).map(([key, value]) => `-c ${key}=${value}`);
  return {
    connectionString: url,
    application_name: name,
    types: columnTypes,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: CONNECT_MS,
    ...(flags.length > 0 && { options: flags.join(' ') }),
    ...(answerMs !== undefined && { query_timeout: answerMs }),
    ...(Number.isFinite(statementMs) && {
      statement_timeout: statementMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    }),
  };
}

/** One session with the server. Disposing ends it. */
export class Connection implements Queries, AsyncDisposable {
  readonly client: Client;
  readonly #ended = Promise.withResolvers<Error>();
  #open = true;
  #gathering = false;
  #isPooled = false;

  private constructor(client: Client) {
    this.client = client;
    const lose = (error: Error): void => {
      this.#open = false;
      this.#ended.resolve(error);
    };
    client.on('error', lose);
    client.on('end', () => lose(new Error('The connection was closed.')));
  }

  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(new Client(clientConfig(options)));
    await connection.client.connect();
    // A pooler stands between when it is not the server's own process that said hello.
    const { rows } = await connection.query(greeter);
    connection.#isPooled = rows[0]!.pid !== connection.pid;
    return connection;
  }

  /** Of the server's process, as `pg_stat_activity` lists it. */
  get pid(): number | undefined {
    // The library keeps it and its types leave it out.
    return (this.client as { processID?: number }).processID;
  }

  /** Each transaction may run in another session of the server, so nothing may be left in one: no prepared statement, no LISTEN. */
  get isPooled(): boolean {
    return this.#isPooled;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Resolves with the reason when the session is over. */
  get ended(): Promise<Error> {
    return this.#ended.promise;
  }

  async query<TRow>({ name, text }: Statement<TRow>, values: readonly unknown[] = []): Promise<Answer<TRow>> {
    this.#gather();
    // The engine's statements take lists of nothing else.
    const sent = values.map((value) => (Array.isArray(value) ? arrayText(value as Scalar[]) : value));
    const prepared = this.#isPooled || name === greeter.name ? { text } : { name, text };
    const { rows, rowCount } = await this.client.query<TRow & object>({ ...prepared, values: sent });
    return { rows, count: rowCount ?? 0 };
  }

  /** Runs SQL as it is, several statements too; returns what the last one calls itself: `COMMIT`, `ROLLBACK`. */
  async execute(sql: string): Promise<string> {
    this.#gather();
    // The library answers several statements with a list, which its types leave out.
    const result = (await this.client.query(sql)) as QueryResult | QueryResult[];
    return (Array.isArray(result) ? result.at(-1)! : result).command;
  }

  /** Runs one statement of a service. */
  send(query: { text: string; values: unknown[] }): Promise<QueryResult<object>> {
    this.#gather();
    // Without it, text that has no parameters could hold several statements, a COMMIT among them.
    const single = { ...query, queryMode: 'extended' };
    return this.client.query<object>(single);
  }

  /** Runs one statement of a service that may only read, also where a pooler drops the setting that says so. */
  async sendToRead(query: { text: string; values: unknown[] }): Promise<QueryResult<object>> {
    if (!this.#isPooled) return await this.send(query);
    const sent = [this.execute('BEGIN READ ONLY'), this.send(query), this.execute('COMMIT')] as const;
    return (await Promise.all(sent))[1];
  }

  /** Ends the session at once; the server rolls back what is open on it. */
  destroy(): void {
    this.#open = false;
    this.client.connection.stream.destroy();
  }

  /** What is sent in one go leaves in one packet: a system call for each statement would cost more than most of them do. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    await this.client.end();
  }
}
