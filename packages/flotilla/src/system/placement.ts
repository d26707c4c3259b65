import type { GatewayConfig } from '../gateway/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { ServiceDefinition } from '../service/index.ts';
import { calledBy, type SystemDefinition } from './system.ts';

/** The name under which the gateway is started, and asked how it is, like a service. */
export const GATEWAY = 'gateway';

/** What of a system runs in one process. */
export interface Placement {
  readonly services: readonly ServiceDefinition[];
  readonly gateway: boolean;
  /** True when the rest of the system runs in processes of its own. */
  readonly shared: boolean;
}

/** Everything, some services with the gateway, or a single part. Throws `UNKNOWN_SERVICE` with the names there are. */
export function placementOf(
  system: SystemDefinition,
  wish: { only?: readonly string[] | undefined; single?: string | undefined },
): Placement {
  const gateway = system.gateway !== undefined;
  if (wish.single === GATEWAY && gateway) return { services: [], gateway, shared: true };
  if (wish.single !== undefined) return { services: find(system, [wish.single]), gateway: false, shared: true };
  return { services: wish.only ? find(system, wish.only) : system.services, gateway, shared: false };
}

/**
 * The services in other processes that a process needs: those that its own call, and those that its gateway leads to. Without
 * other processes there are none.
 */
export function neededBy({ services, shared }: Placement, routes: GatewayConfig | undefined): string[] {
  const here = new Set(services.map(({ contract }) => contract.name));
  const routed = routes
    ? [...routes.routes.map(({ service }) => service), ...(routes.auth ? [routes.auth.jwks.service] : [])]
    : [];
  const needed = new Set([...services.flatMap(calledBy), ...routed]);
  return shared ? [...needed].filter((name) => !here.has(name)) : [];
}

function find(system: SystemDefinition, names: readonly string[]): ServiceDefinition[] {
  const byName = new Map(system.services.map((service) => [service.contract.name, service]));
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length === 0) return [...new Set(names)].map((name) => byName.get(name)!);
  const known = [...byName.keys(), ...(system.gateway === undefined ? [] : [GATEWAY])].join(', ');
  throw new FlotillaError('UNKNOWN_SERVICE', {
    kind: 'invalid',
    message: `The system '${system.name}' has no ${unknown.map((name) => `'${name}'`).join(' and no ')}. It has ${known}.`,
  });
}

/** Which events (`service.Name`) each service of the system waits for. */
export function subscribersOf(system: SystemDefinition): Map<string, string[]> {
  const waiting = system.services.filter(({ subscriptions }) => subscriptions.length > 0);
  return new Map(waiting.map(({ contract, subscriptions }) => [contract.name, subscriptions.map(({ event }) => event.id)]));
}

/** Throws `UNKNOWN_SERVICE` when addresses are written down for services that the system does not have. */
export function knownPeers(
  system: SystemDefinition,
  peers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  find(system, Object.keys(peers));
  return peers;
}
