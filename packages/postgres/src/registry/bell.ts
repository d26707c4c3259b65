import { backoffMs } from 'flotilla/discovery/driver';
import { linkSignal, type Runtime, sleep } from 'flotilla/kernel';
import { systemAddress } from '../store/address.ts';
import { Connection } from '../store/connection.ts';
import { SCHEMA } from './schema.ts';

export interface BellOptions {
  readonly url: string;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  /** Gets the revision that whoever changed the registry has brought it to. */
  readonly onRing: (revision: number) => void;
}

/**
 * Listens for the database to say that the registry changed, over a connection of its own that comes back whenever it was lost.
 * It only makes watchers look sooner: where it can't work, as behind a pooler, they look by themselves.
 */
export class Bell implements AsyncDisposable {
  readonly #options: BellOptions;
  readonly #stop = linkSignal();
  #listening: Promise<void> | undefined;

  constructor(options: BellOptions) {
    this.#options = options;
  }

  /** Begins to listen, unless it does already. */
  listen(): void {
    this.#listening ??= this.#listen(this.#stop.signal);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options.runtime;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#once(signal, () => (failures = 0));
      } catch {
        // The registry itself says when the database is away.
      }
      await sleep(clock, backoffMs(random, failures++), signal).catch(() => undefined);
    }
  }

  /** Listens until the connection is lost, or this is over. */
  async #once(signal: AbortSignal, onListening: () => void): Promise<void> {
    const { url, onRing } = this.#options;
    await using connection = await Connection.open({ url: systemAddress(url).url, name: 'flotilla registry bell' });
    connection.client.on('notification', ({ payload }) => onRing(Number(payload)));
    if (!connection.isPooled) await connection.execute(`LISTEN ${SCHEMA}`);
    onListening();
    const over = Promise.withResolvers<void>();
    const end = (): void => over.resolve();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    await Promise.race([connection.ended, over.promise]);
    signal.removeEventListener('abort', end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('The registry closes.'));
    await this.#listening;
  }
}
