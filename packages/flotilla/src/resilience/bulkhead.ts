import {
  abortReason,
  type Clock,
  deadlineExceeded,
  FlotillaError,
  timerWheelOf,
  type TimerWheel,
  WheelTimer,
} from '../kernel/index.ts';
import type { BulkheadPolicy } from './policy.ts';
import { bulkheadSettings } from './settings.ts';

export interface BulkheadOptions extends BulkheadPolicy {
  /** What it protects; part of its errors. */
  name: string;
  clock: Clock;
}

/** What ends a wait for one's turn. */
export interface WaitBounds {
  readonly signal?: AbortSignal | undefined;
  /** In monotonic milliseconds of the clock. */
  readonly deadline?: number | undefined;
}

/** Lets so many run at once and keeps so many waiting, first come, first served. Everybody else is refused at once. */
export class Bulkhead {
  readonly name: string;
  readonly #wheel: TimerWheel;
  // A set keeps the order of arrival, and whoever gives up leaves it from any place.
  readonly #queue = new Set<Waiting>();
  #limit: number;
  #places: number;
  #running = 0;

  constructor(options: BulkheadOptions) {
    const { limit, queue } = bulkheadSettings(options);
    this.name = options.name;
    this.#limit = limit;
    this.#places = queue;
    this.#wheel = timerWheelOf(options.clock);
  }

  get limit(): number {
    return this.#limit;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queue.size;
  }

  async execute<TResult>(work: () => Promise<TResult>, bounds: WaitBounds = {}): Promise<TResult> {
    await this.enter(bounds);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /**
   * Takes a place, at once or when the promise resolves; `leave` must follow. Rejects with `OVERLOADED`, or with the reason
   * why the wait ended.
   */
  enter(bounds: WaitBounds): Promise<void> | undefined {
    if (this.#running < this.#limit && this.#queue.size === 0) {
      this.#running += 1;
      return undefined;
    }
    if (this.#queue.size >= this.#places) return Promise.reject(this.#overloaded());
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(this.name, bounds, { queue: this.#queue, wheel: this.#wheel });
      waiting.begin(resolve, reject);
    });
  }

  leave(): void {
    this.#running -= 1;
    this.#admit();
  }

  /** Those who run or wait stay; a lower limit takes effect as they leave. */
  resize(limit: number, queue: number = this.#places): void {
    this.#limit = limit;
    this.#places = queue;
    this.#admit();
  }

  /** Lets all go who wait. */
  dismiss(reason: Error): void {
    for (const waiting of this.#queue) waiting.abort(reason);
  }

  #admit(): void {
    for (const waiting of this.#queue) {
      if (this.#running >= this.#limit) return;
      this.#running += 1;
      waiting.admit();
    }
  }

  #overloaded(): FlotillaError {
    const { name } = this;
    const message = `'${name}' has all the work it can take at once. Try again later.`;
    return new FlotillaError('OVERLOADED', { kind: 'unavailable', message, details: { name } });
  }
}

interface WaitingRoom {
  readonly queue: Set<Waiting>;
  readonly wheel: TimerWheel;
}

class Waiting extends WheelTimer {
  readonly #name: string;
  readonly #bounds: WaitBounds;
  readonly #room: WaitingRoom;
  #resolve!: () => void;
  #reject!: (reason: Error) => void;

  constructor(name: string, bounds: WaitBounds, room: WaitingRoom) {
    super();
    this.#name = name;
    this.#bounds = bounds;
    this.#room = room;
  }

  begin(resolve: () => void, reject: (reason: Error) => void): void {
    const { signal, deadline = Infinity } = this.#bounds;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal?.aborted) return reject(abortReason(signal));
    this.#room.queue.add(this);
    signal?.addEventListener('abort', this);
    if (deadline !== Infinity) this.#room.wheel.arm(this, deadline);
  }

  admit(): void {
    this.#end();
    this.#resolve();
  }

  abort(reason: Error): void {
    this.#end();
    this.#reject(reason);
  }

  handleEvent(): void {
    this.abort(abortReason(this.#bounds.signal!));
  }

  expire(): void {
    this.abort(deadlineExceeded(`The wait for '${this.#name}'`));
  }

  #end(): void {
    this.#room.queue.delete(this);
    this.#room.wheel.disarm(this);
    this.#bounds.signal?.removeEventListener('abort', this);
  }
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  return new Bulkhead(options);
}
