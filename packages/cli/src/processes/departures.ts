import { hostname } from 'node:os';
import type { Registry } from 'flotilla/discovery';
import { isFlotillaError } from 'flotilla/kernel';

/** Takes processes that ended off the list of instances, so that nobody has to find out by calling them. */
export interface Departures extends AsyncDisposable {
  ended(pid: number): void;
}

/** Owns the registry from here on. What it can't do now, the leases of the dead do when they expire. */
export function createDepartures(registry: Registry): Departures {
  const running = new Set<Promise<void>>();

  async function forget(pid: number): Promise<void> {
    try {
      const { instances } = await registry.list();
      // Another machine may run a process of the same number.
      const gone = instances.filter(({ metadata: { pid: number, host } }) => number === String(pid) && host === hostname());
      await Promise.all(gone.map((instance) => registry.deregister(instance)));
    } catch (error) {
      if (!isFlotillaError(error)) throw error;
    }
  }

  return {
    ended(pid) {
      const work = forget(pid).finally(() => running.delete(work));
      running.add(work);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running);
      await registry[Symbol.asyncDispose]();
    },
  };
}
