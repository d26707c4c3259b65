/** Counts running work, so that closing can wait for its end. */
export class InFlight {
  #count = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  async track<TResult>(work: () => Promise<TResult>): Promise<TResult> {
    this.begin();
    try {
      return await work();
    } finally {
      this.end();
    }
  }

  /** `end` must follow, whatever happens. */
  begin(): void {
    this.#count++;
  }

  end(): void {
    if (--this.#count === 0) this.#idle?.resolve();
  }

  /** Resolves as soon as nothing runs. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }
}
