import type { Instance } from '../discovery/index.ts';

/** An instance as a registry would list it: `catalog`'s, passing, of weight 1, unless said. */
export function listedInstance(id: string, more: Partial<Instance> = {}): Instance {
  return {
    id,
    service: 'catalog',
    url: 'http://127.0.0.1:7001',
    version: '1.0.0',
    weight: 1,
    metadata: {},
    epoch: 1,
    status: 'passing',
    registeredAt: 0,
    expiresAt: undefined,
    stale: false,
    ...more,
  };
}
