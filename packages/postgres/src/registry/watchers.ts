import type { RegistryEvent, RegistryListener } from 'flotilla/discovery';
import { backoffMs } from 'flotilla/discovery/driver';
import { type FlotillaError, isFlotillaError, jittered, type Runtime } from 'flotilla/kernel';
import type { Logger } from 'flotilla/telemetry';
import { Feed, type News } from './feed.ts';
import type { RegistryDatabase } from './registry-database.ts';

/** Often enough for a change to be seen within a second where nobody rings. */
const LOOK_MS = 750;

interface Watcher {
  readonly service: string | undefined;
  readonly listener: RegistryListener;
  /** Told everything once, so that changes make sense to it. */
  isFollowing: boolean;
  isLost: boolean;
}

export interface WatchersOptions {
  readonly database: RegistryDatabase;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** Looks after everybody who watches: one look serves all of them. */
export class Watchers implements Disposable {
  readonly #options: WatchersOptions;
  readonly #feed: Feed;
  readonly #watchers = new Set<Watcher>();
  #timer: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #failures = 0;

  constructor(options: WatchersOptions) {
    this.#options = options;
    this.#feed = new Feed(options.database);
  }

  add(service: string | undefined, listener: RegistryListener): Disposable {
    const watcher: Watcher = { service, listener, isFollowing: false, isLost: false };
    this.#watchers.add(watcher);
    void this.look();
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        if (this.#watchers.size === 0) this.#timer?.[Symbol.dispose]();
      },
    };
  }

  /** Somebody says that the registry has come to this revision. */
  rang(revision: number): void {
    if (revision > this.#feed.revision) void this.look();
  }

  /** Tells everybody what is new. Resolves after a look that began after this call; never rejects. */
  look(): Promise<void> {
    if (this.#watchers.size === 0) return Promise.resolve();
    return (this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      return (this.#looking = this.#look());
    }));
  }

  async #look(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    const { runtime, log } = this.#options;
    try {
      this.#tellAll(await this.#feed.look());
      this.#failures = 0;
    } catch (error) {
      // Nothing but our own errors comes out of the database; `REGISTRY_CLOSED` ends the looking.
      if (!isFlotillaError(error) || error.code === 'REGISTRY_CLOSED') return;
      this.#failures += 1;
      if (this.#failures === 1) log.warn({ err: error }, 'the registry is away; the last known list is used meanwhile');
      this.#tellLost(error);
    }
    if (this.#watchers.size === 0) return;
    const pauseMs = this.#failures > 0 ? backoffMs(runtime.random, this.#failures) : jittered(runtime.random, LOOK_MS);
    this.#timer = runtime.clock.timer(pauseMs, () => void this.look());
  }

  #tellAll(news: News): void {
    for (const watcher of this.#watchers) {
      const event = this.#eventFor(watcher, news);
      watcher.isFollowing = true;
      watcher.isLost = false;
      if (event) this.#tell(watcher, event);
    }
  }

  /** Undefined when what is new does not concern this watcher. */
  #eventFor({ service, isFollowing }: Watcher, news: News): RegistryEvent | undefined {
    if (!isFollowing || news.kind === 'everything') return { kind: 'snapshot', ...this.#feed.snapshot(service) };
    if (news.kind === 'nothing') return undefined;
    const changes = news.changes.filter((change) => {
      return service === undefined || service === (change.kind === 'put' ? change.instance.service : change.service);
    });
    return changes.length === 0 ? undefined : { ...news, changes };
  }

  #tellLost(error: FlotillaError): void {
    for (const watcher of this.#watchers) {
      watcher.isFollowing = false;
      if (!watcher.isLost) this.#tell(watcher, { kind: 'lost', error });
      watcher.isLost = true;
    }
  }

  #tell(watcher: Watcher, event: RegistryEvent): void {
    // A listener may have ended the watch of another.
    if (!this.#watchers.has(watcher)) return;
    try {
      watcher.listener(event);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a watcher of the registry failed');
    }
  }

  [Symbol.dispose](): void {
    this.#watchers.clear();
    this.#timer?.[Symbol.dispose]();
  }
}
