import { sqliteRegistry } from 'flotilla/discovery';
import { isFlotillaError, type Runtime } from 'flotilla/kernel';

/** Takes processes that ended off the list of instances, so that nobody has to find out by calling them. */
export interface Departures extends AsyncDisposable {
  ended(pid: number): void;
}

/** Works on the registry in the data folder. What it can't do now, the leases of the dead do when they expire. */
export function createDepartures(dataFolder: string, runtime: Runtime): Departures {
  const registry = sqliteRegistry({ folder: dataFolder, runtime });
  const running = new Set<Promise<void>>();

  async function forget(pid: number): Promise<void> {
    try {
      const { instances } = await registry.list();
      const gone = instances.filter(({ metadata }) => metadata['pid'] === String(pid));
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
