import { type Clock, createLruMap, type Duration, durationMs } from '../kernel/index.ts';
import { createSingleFlight } from './single-flight.ts';

export interface CacheOptions<TValue> {
  clock: Clock;
  /** How long a value may be used, unless `set` says otherwise. */
  ttl: Duration;
  maxEntries: number;
  /** Bound for all weights together, such as bytes; needs `weigh`. */
  maxWeight?: number;
  weigh?: (value: TValue) => number;
}

/** Keeps values for a while, in bounded memory: when it is full, what was not used for longest leaves first. */
export interface Cache<TValue> {
  get(key: string): TValue | undefined;
  set(key: string, value: TValue, ttl?: Duration): void;
  delete(key: string): void;
  clear(): void;
  /**
   * The kept value, or a new one, loaded once for all who ask meanwhile. A failed load reaches everybody who waited for it
   * and is not kept.
   */
  load(key: string, load: (signal: AbortSignal) => Promise<TValue>, signal: AbortSignal): Promise<TValue>;
  readonly size: number;
}

interface Entry<TValue> {
  readonly value: TValue;
  readonly until: number;
}

export function createCache<TValue>(options: CacheOptions<TValue>): Cache<TValue> {
  const { clock, maxEntries, maxWeight = Infinity, weigh = () => 1 } = options;
  const defaultTtlMs = durationMs(options.ttl);
  const entries = createLruMap<string, Entry<TValue>>({ maxEntries, maxWeight, weigh: ({ value }) => weigh(value) });
  const flights = createSingleFlight<TValue>();
  // A load that began before a clear or delete must not bring the old value back.
  let generation = 0;

  function get(key: string): TValue | undefined {
    const entry = entries.get(key);
    if (entry && clock.monotonic() < entry.until) return entry.value;
    entries.delete(key);
    return undefined;
  }

  function set(key: string, value: TValue, ttl?: Duration): void {
    entries.set(key, { value, until: clock.monotonic() + (ttl === undefined ? defaultTtlMs : durationMs(ttl)) });
  }

  return {
    get,
    set,
    delete(key) {
      generation += 1;
      entries.delete(key);
    },
    clear() {
      generation += 1;
      entries.clear();
    },
    async load(key, load, signal) {
      const kept = get(key);
      if (kept !== undefined) return kept;
      const started = generation;
      const loadAndKeep = async (workSignal: AbortSignal): Promise<TValue> => {
        const value = await load(workSignal);
        if (generation === started) set(key, value);
        return value;
      };
      return flights.run(`${started} ${key}`, loadAndKeep, signal);
    },
    get size() {
      return entries.size;
    },
  };
}
