import { type Clock, FlotillaError, linkSignal, type Random, sleep } from 'flotilla/kernel';
import { backoffMs } from 'flotilla/log';
import type { Committed } from 'flotilla/store';
import type { Logger } from 'flotilla/telemetry';
import { Connection, type ConnectionOptions } from './connection.ts';
import { debounced, type Debounced } from './debounce.ts';
import { statement } from './statement.ts';

const EVENTS = 'flotilla_events';
const SAGAS = 'flotilla_sagas';
/** Often enough for people not to notice, seldom enough for the server: it commits notifications one at a time. */
const NOTIFY_MS = 10;
const TEST_MS = 2_000;
/** A connection may look alive long after the network dropped it. */
const PING_MS = 15_000;
const ANSWER_MS = 5_000;

const notify = statement('SELECT pg_notify($1, $2)');
const ping = statement('SELECT 1');

export interface WakeUpsOptions {
  readonly service: string;
  readonly connection: ConnectionOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Another process has committed, or may have while nobody listened. */
  readonly onWake: (committed: Committed) => void;
}

/**
 * Tells other processes of commits and hears of theirs, on a connection of its own and outside of every transaction. Nothing
 * depends on it: what is missed is found by polling.
 */
export class WakeUps implements AsyncDisposable {
  readonly #options: WakeUpsOptions;
  readonly #stop = linkSignal();
  readonly #tellEvents: Debounced;
  readonly #tellSagas: Debounced;
  #connection: Connection | undefined;
  #warned = false;
  readonly #running: Promise<void>;

  constructor(options: WakeUpsOptions) {
    this.#options = options;
    this.#tellEvents = debounced(options.clock, NOTIFY_MS, () => this.#notify(EVENTS));
    this.#tellSagas = debounced(options.clock, NOTIFY_MS, () => this.#notify(SAGAS));
    this.#running = this.#run(this.#stop.signal);
  }

  tell({ events, sagas }: Committed): void {
    if (events) this.#tellEvents.call();
    if (sagas) this.#tellSagas.call();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The store is closing.' }));
    this.#tellEvents[Symbol.dispose]();
    this.#tellSagas[Symbol.dispose]();
    this.#connection?.destroy();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random, log, service, onWake } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      try {
        await using connection = await this.#listen();
        if (failures > 0) onWake({ events: true, sagas: true });
        failures = 0;
        await this.#keep(connection, signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        log.debug({ service, err: error }, 'the connection for wake-ups was lost; polling goes on');
        await sleep(clock, backoffMs(random, failures), signal).catch(() => undefined);
      } finally {
        this.#connection = undefined;
      }
    }
  }

  async #listen(): Promise<Connection> {
    const connection = await Connection.open({ ...this.#options.connection, answerMs: ANSWER_MS });
    this.#connection = connection;
    connection.client.on('notification', ({ channel, processId }) => {
      // What this process commits it knows already.
      if (processId === connection.pid) return;
      this.#options.onWake({ events: channel === EVENTS, sagas: channel === SAGAS });
    });
    // Behind a pooler another session would listen than the one that is asked next, and for ever.
    if (!connection.isPooled) await connection.execute(`LISTEN ${EVENTS}; LISTEN ${SAGAS}`);
    return connection;
  }

  /** Proves that what is sent arrives, then looks after the connection until it is lost. */
  async #keep(connection: Connection, signal: AbortSignal): Promise<never> {
    if (connection.isPooled || !(await this.#arrives(connection))) this.#warnOnce();
    for (;;) {
      const rest = sleep(this.#options.clock, PING_MS, signal);
      const lost = connection.ended.then((error) => Promise.reject(error));
      await Promise.race([rest, lost]);
      await connection.query(ping);
    }
  }

  async #arrives(connection: Connection): Promise<boolean> {
    const { clock } = this.#options;
    const arrived = Promise.withResolvers<boolean>();
    using _timer = clock.timer(TEST_MS, () => arrived.resolve(false));
    const hear = ({ processId }: { processId: number }): void => {
      if (processId === connection.pid) arrived.resolve(true);
    };
    connection.client.on('notification', hear);
    await connection.query(notify, [EVENTS, '']);
    const result = await Promise.race([arrived.promise, connection.ended.then(() => true)]);
    connection.client.off('notification', hear);
    return result;
  }

  #warnOnce(): void {
    if (this.#warned) return;
    this.#warned = true;
    const { log, service } = this.#options;
    log.warn({ service }, 'notifications do not arrive (a pooler?); what other processes commit is found by polling only');
  }

  #notify(channel: string): void {
    // Whoever misses it polls.
    this.#connection?.query(notify, [channel, '']).catch(() => undefined);
  }
}
