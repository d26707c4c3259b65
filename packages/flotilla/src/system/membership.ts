import { hostname } from 'node:os';
import { createRegistration, type Registry } from '../discovery/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { RunningService } from './launch.ts';

export interface MembershipOptions {
  readonly registry: Registry;
  readonly services: readonly Pick<RunningService, 'name' | 'version' | 'team'>[];
  readonly internalUrl: string;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** Lists the services of this process for the rest of the system. Disposing takes them off the list, before anything else stops. */
export function joinRegistry({ registry, services, internalUrl, runtime, log }: MembershipOptions): AsyncDisposable {
  const registrations = services.map(({ name, version, team }) => {
    const id = `${name}-${runtime.ids()}`;
    const metadata = { team, pid: String(process.pid), host: hostname() };
    const registration = createRegistration({
      registry,
      instance: { id, service: name, url: internalUrl, version, weight: 1, metadata },
      runtime,
      log,
    });
    registration.start();
    return registration;
  });
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(registrations.map((registration) => registration.draining()));
      await Promise.all(registrations.map((registration) => registration[Symbol.asyncDispose]()));
    },
  };
}
