import { FlotillaError } from 'flotilla/kernel';
import type { BuildState } from 'flotilla/projection';
import type { Remote } from './remote.ts';

export type ServiceBuild = BuildState & { readonly service: string };

/** The builds of all read models of all services. */
export async function allBuilds(remote: Remote): Promise<ServiceBuild[]> {
  const found = await Promise.all(
    remote.services.map(async (service) => {
      const answer = await remote.call({ service, operation: '$projections' }, {});
      // System operations keep the shapes of the library.
      return (answer as { builds: BuildState[] }).builds.map((build) => ({ service, ...build }));
    }),
  );
  return found.flat();
}

/** The service that keeps a read model. Throws `PROJECTION_NOT_FOUND`, and says so too when several do. */
export async function serviceOf(remote: Remote, projection: string, service: string | undefined): Promise<string> {
  const builds = await allBuilds(remote);
  const services = [...new Set(builds.filter((build) => build.projection === projection).map((build) => build.service))];
  const meant = service === undefined ? services : services.filter((one) => one === service);
  if (meant.length === 1) return meant[0]!;
  const why =
    meant.length > 1
      ? `Several services have one: ${meant.join(', ')}. Say which with --service.`
      : `There is: ${[...new Set(builds.map((build) => build.projection))].join(', ') || 'none at all'}.`;
  throw new FlotillaError('PROJECTION_NOT_FOUND', { kind: 'not-found', message: `Which read model '${projection}'? ${why}` });
}

export const SERVICE_OPTION = {
  service: { type: 'string', value: 'NAME', description: 'The service that keeps it, where several have one of this name' },
} as const;
