import { type Clock, FlotillaError, type TimerWheel, timerWheelOf } from '../kernel/index.ts';
import type { BulkheadPolicy } from './policy.ts';
import { bulkheadSettings } from './settings.ts';
import { Turn, type WaitBounds } from './turn.ts';

export interface BulkheadOptions extends BulkheadPolicy {
  /** What it protects; part of its errors. */
  name: string;
  clock: Clock;
}

/** Lets so many run at once and keeps so many waiting, first come, first served. Everybody else is refused at once. */
export class Bulkhead {
  readonly name: string;
  readonly #wheel: TimerWheel;
  // A set keeps the order of arrival, and whoever gives up leaves it from any place.
  readonly #queue = new Set<Turn>();
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
    // Nobody waits beside a free place, so there is no one to overtake.
    if (this.#running < this.#limit) {
      this.#running += 1;
      return undefined;
    }
    if (this.#queue.size >= this.#places) return Promise.reject(this.#overloaded());
    return new Promise((resolve, reject) => {
      new Turn(this.name, bounds, { queue: this.#queue, wheel: this.#wheel }).wait(resolve, reject);
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
    for (const turn of this.#queue) turn.abort(reason);
  }

  #admit(): void {
    for (const turn of this.#queue) {
      if (this.#running >= this.#limit) return;
      this.#running += 1;
      turn.come();
    }
  }

  #overloaded(): FlotillaError {
    const { name } = this;
    const message = `'${name}' has all the work it can take at once. Try again later.`;
    return new FlotillaError('OVERLOADED', { kind: 'unavailable', message, details: { name } });
  }
}

export function createBulkhead(options: BulkheadOptions): Bulkhead {
  return new Bulkhead(options);
}
