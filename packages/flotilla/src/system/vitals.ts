import { type Clock, FlotillaError, parseJson, type Runtime, withTimeout } from '../kernel/index.ts';
import { type Health, type HealthStatus, overall } from '../telemetry/index.ts';
import type { HttpHandler } from '../transport/index.ts';
import type { Hosts } from './hosts.ts';
import type { Network } from './network.ts';
import type { SystemDefinition } from './system.ts';

export interface VitalsParts {
  readonly system: SystemDefinition;
  readonly hosts: Hosts;
  readonly network: Network;
  readonly runtime: Pick<Runtime, 'clock'>;
}

const PEER_PATIENCE_MS = 2_000;

/** The health of the services that this process runs. */
export async function processHealth(hosts: Hosts): Promise<Health> {
  const here = hosts.all.map(async (host) => [host.definition.contract.name, await host.health()] as const);
  return overall(Object.fromEntries(await Promise.all(here)));
}

/** The health of every service of the system that this process runs or can reach. Peers answer for themselves only. */
export async function systemHealth({ system, hosts, network, runtime }: VitalsParts): Promise<Health> {
  const elsewhere = system.services.flatMap(({ contract: { name } }) => {
    const peer = network.peer(name);
    return peer ? [askPeer(name, peer, runtime.clock)] : [];
  });
  const [here, ...peers] = await Promise.all([processHealth(hosts), ...elsewhere]);
  return overall({ ...here.components, ...Object.fromEntries(peers) });
}

async function askPeer(name: string, peer: HttpHandler, clock: Clock): Promise<readonly [string, Health]> {
  const onTimeout = (): FlotillaError =>
    new FlotillaError('PEER_SILENT', { kind: 'timeout', message: `${name} does not answer.` });
  try {
    const { body } = await withTimeout({ clock, timeoutMs: PEER_PATIENCE_MS, onTimeout }, (signal) =>
      peer(HEALTH_REQUEST, signal),
    );
    const answer = parseJson(typeof body === 'string' ? body : new TextDecoder().decode(body)) as { status?: HealthStatus };
    return [name, { status: answer.status ?? 'DOWN' }];
  } catch (thrown) {
    return [name, { status: 'DOWN', reason: thrown instanceof Error ? thrown.message : String(thrown) }];
  }
}

const HEALTH_REQUEST = { method: 'GET', path: '/health', query: '', headers: {}, body: undefined, remoteAddress: undefined };
