/** A port without its promises: what a table is inside, where SQLite answers at once. */
export type Direct<TPort> = {
  readonly [TName in keyof TPort]: TPort[TName] extends (...args: infer TArgs) => Promise<infer TResult>
    ? (...args: TArgs) => TResult
    : never;
};

/** Throws when the unit is over. */
export interface Guard {
  assertOpen(): void;
}

type AnyMethod = (...args: never[]) => unknown;

/**
 * Gives each unit its own view of a table, which works only while the unit runs. The methods are built once per table; a
 * view costs one small object.
 */
export function guarded<TPort extends object>(table: Direct<TPort>): (guard: Guard) => TPort {
  class View {
    readonly guard: Guard;
    constructor(guard: Guard) {
      this.guard = guard;
    }
  }
  for (const [name, method] of Object.entries<AnyMethod>(table as Record<string, AnyMethod>)) {
    Object.defineProperty(View.prototype, name, {
      async value(this: View, ...args: never[]) {
        this.guard.assertOpen();
        return method(...args);
      },
    });
  }
  // The loop above gave the view each of the port's methods.
  return (guard) => new View(guard) as unknown as TPort;
}
