/** A map that forgets: when it is full, the entry that was not used for the longest time leaves. */
export interface LruMap<TKey, TValue> {
  /** The value, which is now the most recently used. */
  get(key: TKey): TValue | undefined;
  set(key: TKey, value: TValue): void;
  delete(key: TKey): void;
  clear(): void;
  readonly size: number;
  /** The weights of all values together. */
  readonly weight: number;
}

export interface LruOptions<TValue> {
  maxEntries: number;
  /** Bound for the weights together, such as bytes. A value heavier than this is not kept at all. */
  maxWeight?: number;
  /** 1 for each value unless said. It must give the same number for a value every time. */
  weigh?: (value: TValue) => number;
}

/** Every operation takes constant time: a `Map` remembers the order in which its keys were set. */
export function createLruMap<TKey, TValue>(options: LruOptions<TValue>): LruMap<TKey, TValue> {
  const { maxEntries, maxWeight = Infinity, weigh = () => 1 } = options;
  const entries = new Map<TKey, TValue>();
  let weight = 0;

  function remove(key: TKey): TValue | undefined {
    const value = entries.get(key);
    if (value !== undefined) weight -= weigh(value);
    entries.delete(key);
    return value;
  }

  function add(key: TKey, value: TValue): void {
    entries.set(key, value);
    weight += weigh(value);
  }

  return {
    get(key) {
      const value = remove(key);
      if (value !== undefined) add(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      add(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && weight <= maxWeight) break;
        remove(oldest);
      }
    },
    delete: (key) => void remove(key),
    clear() {
      entries.clear();
      weight = 0;
    },
    get size() {
      return entries.size;
    },
    get weight() {
      return weight;
    },
  };
}
