import { isFlotillaError } from 'flotilla/kernel';
import type { ServiceVitals } from 'flotilla/service';
import { GATEWAY } from './gateway-name.ts';
import { connectToUrl, type Remote } from './remote.ts';
import { findEverywhere } from './running-everywhere.ts';

/** A service of a running process, and what it says; nothing when it does not answer. */
export interface Seen {
  readonly service: string;
  readonly pid: number;
  readonly url: string;
  readonly vitals: ServiceVitals | undefined;
}

/** Asks all processes of a running system how they are. */
export interface VitalsReader extends AsyncDisposable {
  /** Throws `SYSTEM_NOT_RUNNING`; a process that does not answer is seen without vitals. */
  read(): Promise<readonly Seen[]>;
}

const PATIENCE_MS = 1_000;

export function createVitalsReader(data: string | undefined, find = findEverywhere): VitalsReader {
  // One connection to each process, for as long as it runs.
  const remotes = new Map<string, Promise<Remote>>();
  return {
    read: async () => {
      const { key, processes } = await find(data);
      const asked = processes.flatMap(({ pid, internalUrl, gatewayUrl, services }) => {
        const remote = remotes.get(internalUrl) ?? connectToUrl(internalUrl, key);
        remotes.set(internalUrl, remote);
        // A gateway tells how it is like a service does.
        const parts = gatewayUrl === undefined ? services : [...services, GATEWAY];
        return parts.map(async (service): Promise<Seen> => {
          return { service, pid, url: internalUrl, vitals: await askVitals(await remote, service) };
        });
      });
      return await Promise.all(asked);
    },
    [Symbol.asyncDispose]: async () => {
      for (const remote of remotes.values()) await (await remote)[Symbol.asyncDispose]();
    },
  };
}

async function askVitals(remote: Remote, service: string): Promise<ServiceVitals | undefined> {
  try {
    // What hosts answer.
    return (await remote.call({ service, operation: '$vitals' }, {}, { timeoutMs: PATIENCE_MS })) as ServiceVitals;
  } catch (error) {
    if (isFlotillaError(error) && error.code !== 'UNKNOWN_OPERATION') return undefined;
    throw error;
  }
}
