import type { Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { ClientConnection } from './client-connection.ts';
import { dial, type Dialled } from './dial.ts';

export interface OriginOptions {
  readonly systemKey: string;
  readonly maxAnswerBytes: number;
  readonly onSilence?: ((url: string, isSilent: boolean) => void) | undefined;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** For so long a process that speaks plain HTTP only is not asked again. */
const PLAIN_MS = 30_000;
/** Of items of one call that may be on their way or unread. */
const WINDOW_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** Another process, and the one connection to it: opened when it is needed, and again when it was lost. */
export class Origin {
  readonly #url: string;
  readonly #options: OriginOptions;
  /** With those that only finish what runs on them. */
  readonly #connections = new Set<ClientConnection>();
  #current: ClientConnection | undefined;
  #connecting: Promise<ClientConnection | undefined> | undefined;
  #plainUntil = -Infinity;
  #pauseUntil = -Infinity;
  #failures = 0;
  #lastFailure: unknown;

  constructor(url: string, options: OriginOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** The connection on which calls may be begun, if one is open. */
  get current(): ClientConnection | undefined {
    return this.#current;
  }

  /** True when nothing would be lost by forgetting it. */
  get isIdle(): boolean {
    return this.#connections.size === 0 && this.#connecting === undefined;
  }

  /**
   * Opens a connection, or joins in the attempt that is under way. Undefined when the process speaks plain HTTP only. Rejects
   * at once for a moment after an attempt that failed, a longer one each time, so that callers may turn elsewhere.
   */
  async connect(): Promise<ClientConnection | undefined> {
    if (this.#current) return this.#current;
    const now = this.#options.runtime.clock.monotonic();
    if (now < this.#plainUntil) return undefined;
    if (now < this.#pauseUntil) throw this.#lastFailure;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return await this.#connecting;
  }

  /** Lets calls in flight finish and closes everything. */
  async close(): Promise<void> {
    await this.#connecting?.catch(() => undefined);
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  async #connect(): Promise<ClientConnection | undefined> {
    const { runtime, maxAnswerBytes, systemKey, log } = this.#options;
    const { clock } = runtime;
    try {
      const dialled = await dial({ origin: this.#url, systemKey, maxAnswerBytes, clock });
      this.#failures = 0;
      if (dialled) return this.#take(dialled);
      this.#plainUntil = clock.monotonic() + PLAIN_MS;
      log.info({ url: this.#url }, 'This process speaks plain HTTP only; calls go to it that way.');
      return undefined;
    } catch (thrown) {
      this.#pause(thrown);
      throw thrown;
    }
  }

  #take({ socket, head, agreement }: Dialled): ClientConnection {
    const { runtime, maxAnswerBytes } = this.#options;
    const connection = new ClientConnection(socket, {
      version: agreement.version,
      maxAnswerBytes,
      maxInputBytes: agreement.maxBodyBytes,
      windowBytes: WINDOW_BYTES,
      clock: runtime.clock,
      silence: (isSilent) => this.#options.onSilence?.(this.#url, isSilent),
      retired: () => {
        if (this.#current === connection) this.#current = undefined;
      },
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    this.#current = connection;
    connection.start(head);
    return connection;
  }

  /** Between half and all of a pause that doubles: callers that lost a process together do not come back together. */
  #pause(failure: unknown): void {
    const { clock, random } = this.#options.runtime;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures++;
    this.#lastFailure = failure;
    this.#pauseUntil = clock.monotonic() + longest * (0.5 + random.next() / 2);
  }
}
