import type { NatsConnection } from '@nats-io/transport-node';
import { type FlotillaError, linkSignal, type Runtime, untilAborted, withTimeout } from 'flotilla/kernel';
import type { Health, Logger } from 'flotilla/telemetry';
import type { NatsAddress } from './address.ts';
import { dial } from './dial.ts';
import { busClosed, busUnavailable, toBusError } from './errors.ts';
import { persist } from './persist.ts';
import { jetStreamOf, type Session } from './session.ts';

const FLUSH_TIMEOUT_MS = 1_000;

export interface LinkOptions {
  readonly address: NatsAddress;
  /** What the server's monitoring shows to people. */
  readonly name: string;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** Keeps a connection to NATS for as long as it lives, whoever was started first. */
export interface Link extends AsyncDisposable {
  /** Stays pending while there was none. */
  readonly firstSession: Promise<Session>;
  /** The present session, or the next one; rejects when the signal aborts. */
  session(signal: AbortSignal): Promise<Session>;
  health(): Health;
}

export function createLink(options: LinkOptions): Link {
  return new LastingLink(options);
}

class LastingLink implements Link {
  readonly #options: LinkOptions;
  readonly #stop = linkSignal();
  readonly #running: Promise<void>;
  #next = Promise.withResolvers<Session>();
  readonly firstSession = this.#next.promise;
  #health: Health = { status: 'DEGRADED', reason: 'Not connected to NATS yet.' };

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#running = this.#run(this.#stop.signal);
  }

  session(signal: AbortSignal): Promise<Session> {
    return untilAborted(signal, this.#next.promise);
  }

  health(): Health {
    return this.#health;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(busClosed());
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { runtime } = this.#options;
    await persist({
      runtime,
      signal,
      attempt: (opened) => this.#live(signal, opened),
      failed: (thrown) => this.#failed(thrown),
    });
  }

  /** Opens a session and returns when it has ended. */
  async #live(signal: AbortSignal, opened: () => void): Promise<void> {
    const connection = await dial(this.#options, signal);
    using link = linkSignal();
    try {
      const refusal = this.#hearRefusals(connection);
      const session = { connection, ...(await Promise.race([jetStreamOf(connection), refusal])), ended: link.signal };
      opened();
      this.#connected(session);
      const cause = await untilAborted(signal, connection.closed());
      throw cause ?? busUnavailable('The connection to NATS ended');
    } catch (thrown) {
      if (this.#health.status === 'UP') this.#next = Promise.withResolvers();
      link.abort(toBusError(thrown));
      throw thrown;
    } finally {
      await this.#flush(connection);
      await connection.close();
    }
  }

  /** What was said last, such as the acknowledgement of a batch, still goes out, unless the server does not listen. */
  async #flush(connection: NatsConnection): Promise<void> {
    const onTimeout = (): FlotillaError => busUnavailable('NATS does not answer');
    const { clock } = this.#options.runtime;
    await withTimeout({ clock, timeoutMs: FLUSH_TIMEOUT_MS, onTimeout }, () => connection.flush()).catch(() => undefined);
  }

  /** Rejects with the first refusal. What a user may not do is said apart from the request, which just gets no answer. */
  #hearRefusals(connection: NatsConnection): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    void (async () => {
      for await (const status of connection.status()) {
        if (status.type !== 'error') continue;
        reject(status.error);
        this.#options.log.warn(
          { bus: this.#options.address.shown, err: toBusError(status.error) },
          'was refused something by NATS',
        );
      }
    })();
    return promise;
  }

  #connected(session: Session): void {
    const { address, log } = this.#options;
    this.#health = { status: 'UP' };
    log.info({ bus: address.shown, server: session.connection.getServer() }, 'connected to NATS');
    this.#next.resolve(session);
  }

  #failed(thrown: unknown): void {
    const { address, log } = this.#options;
    const error = toBusError(thrown);
    // One line for each way to fail, however often it is tried.
    if (this.#health.reason !== error.message) log.warn({ bus: address.shown, err: error }, 'is without NATS and tries again');
    this.#health = { status: 'DEGRADED', reason: error.message };
  }
}
