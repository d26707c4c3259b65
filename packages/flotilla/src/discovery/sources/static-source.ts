import type { Instance } from '../instance.ts';
import type { InstanceSource } from '../source.ts';
import { staticPeers } from '../static-peers.ts';

/** Instances at addresses that are written down, one or several for each service. Throws `INVALID_PEERS`. */
export function staticSource(peers: Readonly<Record<string, string | readonly string[]>>): InstanceSource {
  const instances = Object.entries(peers).flatMap(([service, urls]) => {
    return [urls].flat().map((url) => writtenDown(service, staticPeers({ [service]: url })(service)!));
  });
  return {
    description: 'addresses that are written down',
    watch(listener) {
      listener(instances);
      return { [Symbol.dispose]: () => undefined };
    },
  };
}

/** An instance of which nothing but its address is known. */
export function writtenDown(service: string, url: string, more: Partial<Instance> = {}): Instance {
  return {
    id: `${service}@${url}`,
    service,
    url,
    version: 'unknown',
    weight: 1,
    metadata: {},
    status: 'passing',
    epoch: 0,
    registeredAt: 0,
    expiresAt: undefined,
    stale: false,
    ...more,
  };
}
