import type { Merge } from './merge.ts';

export type AnyMerge = Merge<unknown, unknown, unknown>;

/** A write and whoever waits for its result. */
export interface Waiting {
  readonly item: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of one kind that go together. */
export interface Part {
  readonly merge: AnyMerge;
  readonly waiting: readonly Waiting[];
  /** To be called when they are through. */
  readonly done: () => void;
}

/** Writes of one kind that wait for a transaction. */
export class WriteQueue {
  readonly #merge: AnyMerge;
  /** What the writes are about that are under way. */
  readonly #busy = new Set<string>();
  #waiting: Waiting[] = [];

  constructor(merge: AnyMerge) {
    this.#merge = merge;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** A second write about the same thing, and all that come behind it about that thing, stay until the first is through. */
  take(room: number): Part {
    const [taken, left]: [Waiting[], Waiting[]] = [[], []];
    const [keys, passedOver] = [new Set<string>(), new Set<string>()];
    for (const one of this.#waiting) {
      const key = this.#merge.key(one.item);
      if (taken.length < room && !this.#busy.has(key) && !passedOver.has(key)) {
        taken.push(one);
        keys.add(key);
        this.#busy.add(key);
      } else {
        left.push(one);
        passedOver.add(key);
      }
    }
    this.#waiting = left;
    const done = (): void => {
      for (const key of keys) this.#busy.delete(key);
    };
    return { merge: this.#merge, waiting: taken, done };
  }
}
