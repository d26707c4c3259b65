const NOTHING: readonly never[] = [];
/** Bounds what is done twice when one of them fails, and how long a commit goes on before it looks at the time. */
const WRITES_PER_GROUP = 64;

/** A write of the driver itself. It has answered when it returns, and may be run again. */
export interface Write {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes of the driver itself on their way through the committer, together as if they were one unit. Unlike the code of a service
 * they need nothing that bounds them, takes their tools away afterwards, or keeps their context. When one of them fails they come
 * apart: all are undone, and each runs again by itself.
 */
export class WriteGroup {
  readonly callbacks: readonly (() => void)[] = NOTHING;
  settled = false;
  readonly #writes: Write[];
  #results: readonly unknown[] = NOTHING;

  constructor(writes: Write[] = []) {
    this.#writes = writes;
  }

  get hasRoom(): boolean {
    return this.#writes.length < WRITES_PER_GROUP;
  }

  add(write: Write): void {
    this.#writes.push(write);
  }

  run(): void {
    this.#results = this.#writes.map(({ work }) => work());
  }

  /** Each write alone; nothing when there is but one. */
  apart(): readonly WriteGroup[] {
    return this.#writes.length > 1 ? this.#writes.map((write) => new WriteGroup([write])) : NOTHING;
  }

  succeed(): void {
    this.settled = true;
    for (const [index, { resolve }] of this.#writes.entries()) resolve(this.#results[index]);
  }

  fail(error: unknown): void {
    this.settled = true;
    for (const { reject } of this.#writes) reject(error);
  }
}
