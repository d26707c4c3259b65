import { jittered, FlotillaError, isFlotillaError, linkSignal, type Runtime, sleep } from '../kernel/index.ts';
import type { Health, Logger } from '../telemetry/index.ts';
import { createLogCursor, type LogCursorOptions, type Outcome } from './log-cursor.ts';
import { backoffMs, createBell } from './pace.ts';

const BUSY_POLL_MS = 1_000;
const IDLE_POLL_MS = 5_000;
/** How soon work goes on after its owner died: this, and what is left of the lease. */
const STANDBY_POLL_MS = 500;
const POLL_MS = { worked: BUSY_POLL_MS, idle: IDLE_POLL_MS, standby: STANDBY_POLL_MS };

export interface FollowerOptions extends LogCursorOptions {
  /** Called whenever nothing was left to do. */
  readonly onCaughtUp?: () => Promise<void>;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** True when trying again is pointless; the follower then stops and is DOWN, as it does when its cursor is ahead of the log. */
  readonly givesUp?: (error: unknown, failures: number) => boolean;
}

/**
 * Reads a service's log from a cursor, batch by batch, in one process at a time. A commit in this process wakes it; polling
 * finds the rest. A failed batch comes again after a pause.
 */
export interface Follower extends AsyncDisposable {
  start(): void;
  /** Nothing up to this position is left to do. */
  passed(): number;
  health(): Health;
  /** Calls back when it may have come further, or has stopped. */
  onProgress(listener: () => void): Disposable;
}

export function createFollower(options: FollowerOptions): Follower {
  return new LogFollower(options);
}

class LogFollower implements Follower {
  readonly #options: FollowerOptions;
  readonly #stop = linkSignal();
  readonly #listeners = new Set<() => void>();
  readonly #place: ReturnType<typeof createLogCursor>;
  #health: Health = { status: 'UP' };
  #running: Promise<void> | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#place = createLogCursor(options);
  }

  start(): void {
    this.#running ??= this.#run(this.#stop.signal);
  }

  passed(): number {
    return this.#place.passed();
  }

  health(): Health {
    return this.#health;
  }

  onProgress(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const message = `${this.#options.cursor} is closing.`;
    this.#stop.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message }));
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const bell = createBell(this.#options.runtime.clock);
    using _wake = this.#options.store.onCommit(({ events }) => events && bell.ring());
    for (let failures = 0; !signal.aborted;) {
      try {
        const outcome = await this.#place.next(signal);
        failures = 0;
        this.#report({ status: 'UP' });
        if (outcome === 'worked' || outcome === 'idle') await this.#options.onCaughtUp?.();
        await this.#rest(outcome, bell, signal);
      } catch (thrown) {
        if (signal.aborted || this.#failed(thrown, ++failures)) return;
        await sleep(this.#options.runtime.clock, backoffMs(this.#options.runtime.random, failures), signal).catch(
          () => undefined,
        );
      }
    }
  }

  async #rest(outcome: Outcome, bell: ReturnType<typeof createBell>, signal: AbortSignal): Promise<void> {
    if (outcome === 'again') return;
    const { clock, random } = this.#options.runtime;
    const pause = jittered(random, POLL_MS[outcome]);
    // While another owner is at work, commits are no reason to ask for the lease again and again.
    await (outcome === 'standby' ? sleep(clock, pause, signal) : bell.wait(pause, signal));
  }

  /** True when it gives up. */
  #failed(error: unknown, failures: number): boolean {
    const { cursor, log, givesUp } = this.#options;
    const final = isAhead(error) || (givesUp?.(error, failures) ?? false);
    if (final) log.error({ cursor, failures, err: error }, 'stopped, and needs somebody to look at it');
    else log.warn({ cursor, failures, err: error }, 'failed and will try again');
    this.#report({ status: final ? 'DOWN' : 'DEGRADED', reason: error instanceof Error ? error.message : String(error) });
    return final;
  }

  #report(health: Health): void {
    this.#health = health;
    for (const listener of this.#listeners) listener();
  }
}

/** The log was restored from a backup: neither time nor another try mends that. */
function isAhead(error: unknown): boolean {
  return isFlotillaError(error) && error.code === 'CURSOR_AHEAD';
}
