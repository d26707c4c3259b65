import { type Clock, FlotillaError, parseJson, type Runtime, withTimeout } from '../kernel/index.ts';
import { type Health, type Metrics, overall, toPrometheus, worst } from '../telemetry/index.ts';
import { type HttpHandler, type HttpPools, httpUpstream } from '../transport/index.ts';
import type { Hosts } from './hosts.ts';
import type { Peers } from './peers.ts';
import { GATEWAY } from './placement.ts';
import type { Readiness } from './readiness.ts';
import type { SystemDefinition } from './system.ts';

export interface VitalsParts {
  readonly system: SystemDefinition;
  readonly hosts: Hosts;
  readonly peers: Peers;
  readonly readiness: Pick<Readiness, 'waitsFor'>;
  readonly pools: HttpPools;
  readonly runtime: Pick<Runtime, 'clock'>;
}

/** What a process tells of itself and of the system. */
export interface Readings {
  /** Of this process, for its own system; of everything, for the world. */
  readonly health: { process(): Promise<Health>; system(): Promise<Health> };
  /** What the services of this process have counted, and its gateway, in the text format of Prometheus. */
  metrics(gateway: Pick<Metrics, 'snapshot'> | undefined): string;
}

export function createReadings(parts: VitalsParts): Readings {
  const { all } = parts.hosts;
  const counted = () =>
    all.map(({ definition, metrics }) => ({ labels: { service: definition.contract.name }, operations: metrics() }));
  return {
    health: { process: () => processHealth(parts), system: () => systemHealth(parts) },
    metrics: (gateway) => {
      const ofGateway = gateway ? [{ labels: { service: GATEWAY }, operations: gateway.snapshot() }] : [];
      return toPrometheus([...counted(), ...ofGateway]);
    },
  };
}

const PEER_PATIENCE_MS = 2_000;

/** The health of the services that this process runs. */
async function processHealth({ hosts, readiness: { waitsFor } }: VitalsParts): Promise<Health> {
  const here = hosts.all.map(async (host) => [host.definition.contract.name, await host.health()] as const);
  const waiting: Health = { status: 'DEGRADED', reason: `Waits for ${waitsFor.join(', ')}.` };
  return overall({ ...Object.fromEntries(await Promise.all(here)), ...(waitsFor.length > 0 && { neighbours: waiting }) });
}

/**
 * The health of every service of the system that this process runs or can reach. A service elsewhere is UP when one of its
 * instances is; they answer for themselves only.
 */
async function systemHealth(parts: VitalsParts): Promise<Health> {
  const { system, hosts, peers, pools, runtime } = parts;
  const here = new Set(hosts.all.map(({ definition }) => definition.contract.name));
  const elsewhere = system.services.map(({ contract }) => contract.name).filter((name) => !here.has(name));
  const ask = async (service: string): Promise<readonly [string, Health]> => {
    const route = peers.route(service);
    try {
      const { url } = route.balancer.pick(route.instances());
      return [service, await askPeer(service, httpUpstream({ service, baseUrl: url, pools }), runtime.clock)];
    } catch (thrown) {
      return [service, { status: 'DOWN', reason: thrown instanceof Error ? thrown.message : String(thrown) }];
    }
  };
  const [process, ...others] = await Promise.all([processHealth(parts), ...elsewhere.map(ask)]);
  return overall({ ...process.components, ...Object.fromEntries(others) });
}

async function askPeer(service: string, peer: HttpHandler, clock: Clock): Promise<Health> {
  const onTimeout = (): FlotillaError =>
    new FlotillaError('PEER_SILENT', { kind: 'timeout', message: `${service} does not answer.` });
  const { body } = await withTimeout({ clock, timeoutMs: PEER_PATIENCE_MS, onTimeout }, (signal) => peer(HEALTH_REQUEST, signal));
  // Only other parts of this system answer here.
  const answer = parseJson(typeof body === 'string' ? body : new TextDecoder().decode(body)) as Partial<Health> | null;
  const { status = 'DOWN', components = {} } = answer ?? {};
  const reason = reasonOf(components);
  return { status, ...(reason !== undefined && { reason }) };
}

/** What the worst of all parts has to say. */
function reasonOf(components: NonNullable<Health['components']>): string | undefined {
  const { reason, components: parts } = worst(Object.values(components));
  return reason ?? (parts && reasonOf(parts));
}

const HEALTH_REQUEST = { method: 'GET', path: '/health', query: '', headers: {}, body: undefined, remoteAddress: undefined };
