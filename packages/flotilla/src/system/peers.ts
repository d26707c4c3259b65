import type { Route } from '../client/index.ts';
import { createBalancer, createResolver, type Instance, type Registry, staticSource } from '../discovery/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';

export interface PeersOptions {
  /** Followed where processes share one; undefined for a process that runs alone. */
  readonly registry: Registry | undefined;
  /** Addresses that are written down. */
  readonly fixed: Readonly<Record<string, string>>;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** The instances of services in other processes. */
export interface Peers extends Disposable {
  /** One balancer for each service, whoever calls it. */
  route(service: string): Route;
  /** An instance for whoever makes one try only; undefined when there is none. */
  url(service: string): string | undefined;
  /** Calls back with the service of each instance that can be called from now on. */
  onArrival(listener: (service: string) => void): Disposable;
  /** Takes note of who says nothing, so that others are asked instead. */
  silence(url: string, isSilent: boolean): void;
  /** Everybody who is known, fit or not. */
  all(): readonly Instance[];
}

export function createPeers({ registry, fixed, runtime, log }: PeersOptions): Peers {
  const resolver = createResolver({ registry, sources: [staticSource(fixed)], runtime, log });
  const routes = new Map<string, Route>();
  const silent = new Set<string>();
  const arrivals = createArrivals();
  resolver.onChange(() => {
    for (const service of routes.keys()) arrivals.look(service, resolver.instances(service));
  });
  const route = (service: string): Route => {
    let known = routes.get(service);
    if (!known) {
      const onEjected = ({ id }: Instance, forMs: number): void =>
        log.warn({ instance: id, forMs: Math.round(forMs) }, 'an instance that keeps failing is left alone for a while');
      const balancer = createBalancer({ service, onEjected, runtime });
      known = { instances: () => resolver.instances(service), silent, balancer };
      routes.set(service, known);
    }
    return known;
  };
  return {
    route,
    url: (service) => {
      const instances = resolver.instances(service);
      return instances.length === 0 ? undefined : route(service).balancer.pick(instances).url;
    },
    onArrival: arrivals.listen,
    silence: (url, isSilent) => void (isSilent ? silent.add(url) : silent.delete(url)),
    all: () => resolver.all(),
    [Symbol.dispose]: () => resolver[Symbol.dispose](),
  };
}

/** Notices instances that were not there when it looked last. */
function createArrivals(): { look(service: string, instances: readonly Instance[]): void; listen: Peers['onArrival'] } {
  const seen = new Map<string, ReadonlySet<string>>();
  const listeners = new Set<(service: string) => void>();
  return {
    look(service, instances) {
      const before = seen.get(service);
      seen.set(service, new Set(instances.map(({ id }) => id)));
      if (!instances.some(({ id }) => !before?.has(id))) return;
      for (const listener of listeners) listener(service);
    },
    listen(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
