import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from 'flotilla/discovery';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { openRegistry, type RegistryPlace, statusStyle } from '../registry.ts';
import { REGISTRY_OPTIONS, registryPlace } from '../registry-place.ts';
import { lengthOfTime } from '../time-text.ts';

export const instances = defineCommand({
  description:
    'Lists what the registry of a running system knows: the instances that its processes keep there, and what was registered by\n' +
    'hand. A system in one process needs no registry.',
  args: [{ name: 'SERVICE', description: 'Only instances of this service', isOptional: true }],
  options: REGISTRY_OPTIONS,
  examples: ['flotilla instances', 'flotilla instances catalog --json'],
  json:
    'One line per instance: {"id":…,"service":…,"url":…,"version":…,"status":…,"weight":…,"zone":…,"metadata":{…},\n' +
    '  "registeredAt":…,"expiresAt":…,"stale":…}.',
  run: async ({ args: [service], options, terminal, runtime }) => {
    const place = await registryPlace(options);
    const now = runtime.clock.now();
    printList(terminal, {
      items: await instancesIn(place, service),
      heading: ['SERVICE', 'ID', 'STATUS', 'VERSION', 'URL', 'SINCE', 'LEASE'],
      row: (one) => [
        one.service,
        one.id,
        terminal.style(statusStyle(one.status), one.status),
        one.version,
        terminal.style('cyan', one.url),
        lengthOfTime(now - one.registeredAt),
        leaseText(one, now),
      ],
      none: service === undefined ? 'Nothing is registered.' : `No instance of '${service}' is registered.`,
    });
    return EXIT.good;
  },
});

async function instancesIn(place: RegistryPlace, service: string | undefined): Promise<Instance[]> {
  // Reading must not make one.
  if (place.store === 'sqlite' && !existsSync(join(place.folder, 'registry.db'))) return [];
  await using registry = await openRegistry(place);
  const found = (await registry.list(service)).instances;
  return found.toSorted((left, right) => (`${left.service} ${left.id}` < `${right.service} ${right.id}` ? -1 : 1));
}

function leaseText({ expiresAt, stale }: Instance, now: number): string {
  if (stale) return 'over, and held';
  if (expiresAt === undefined) return 'until deregistered';
  return expiresAt > now ? `${lengthOfTime(expiresAt - now)} left` : 'over';
}
