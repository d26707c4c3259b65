const NOTHING: readonly never[] = [];

/**
 * A write of the driver itself on its way through the committer. It has answered when it returns, so unlike the code of a service
 * it needs nothing that bounds it, takes its tools away afterwards, or keeps its context.
 */
export class DirectWrite {
  readonly callbacks: readonly (() => void)[] = NOTHING;
  settled = false;
  readonly #work: () => unknown;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #result: unknown = undefined;

  constructor(work: () => unknown, resolve: (result: unknown) => void, reject: (error: unknown) => void) {
    this.#work = work;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    this.#result = this.#work();
  }

  succeed(): void {
    this.settled = true;
    this.#resolve(this.#result);
  }

  fail(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}
