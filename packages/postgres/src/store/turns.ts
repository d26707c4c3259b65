/** From this run on nobody else of this process starts while the unit runs again. */
const ALONE_FROM_RUN = 3;

/**
 * Who may run when units lose to each other: a first run starts at once, all others one after another, and one that lost again
 * keeps newcomers waiting until it is through.
 */
export class Turns {
  #again: Promise<void> = Promise.resolve();
  #alone: Promise<void> | undefined;

  /** Resolves when this run of a unit may start; dispose the result when the run is over. */
  async take(run: number): Promise<Disposable> {
    if (run === 1) {
      while (this.#alone) await this.#alone;
      return { [Symbol.dispose]: () => undefined };
    }
    const before = this.#again;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#again = before.then(() => promise);
    await before;
    if (run >= ALONE_FROM_RUN) this.#alone = promise;
    return {
      [Symbol.dispose]: () => {
        this.#alone = undefined;
        resolve();
      },
    };
  }
}

/** How a run begins. Locks on tables come before the snapshot of the transaction, so it sees what they waited for. */
export function beginning(run: number, exclusive: boolean): string {
  const locks = [
    ...(run >= ALONE_FROM_RUN ? ['LOCK TABLE flotilla_turns IN EXCLUSIVE MODE'] : []),
    ...(exclusive ? ['LOCK TABLE flotilla_events IN SHARE ROW EXCLUSIVE MODE'] : []),
  ];
  return ['BEGIN ISOLATION LEVEL SERIALIZABLE', ...locks].join('; ');
}
