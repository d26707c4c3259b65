import type { Route, Upstreams } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import type { Standing } from '../discovery/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { LoadShedder, PipelineState } from '../resilience/index.ts';
import type { Metrics, OperationMetrics } from '../telemetry/index.ts';

/** How a service of one process is doing: the answer to the system operation `$vitals`. */
export interface ServiceVitals {
  readonly service: string;
  /** This incarnation. */
  readonly instance: string;
  readonly version: string;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  readonly rssBytes: number;
  /** How late the event loop is, lately. */
  readonly eventLoopDelayMs: number;
  /** Calls that are being answered now. */
  readonly inFlight: number;
  readonly operations: readonly OperationMetrics[];
  /** The services that it calls, as it sees them. */
  readonly upstreams: readonly UpstreamVitals[];
  /** What it would do in one process at a time; with a term where this instance leads. */
  readonly leaders: readonly Standing[];
}

export interface UpstreamVitals extends PipelineState {
  /** Those it would choose from, and how many of them it leaves alone for a while; absent where it does not choose. */
  readonly instances?: number;
  readonly ejected?: number;
}

/** How busy the process is that several services share. */
export interface ProcessLoad {
  readonly shedder: LoadShedder;
  readonly eventLoopDelayMs: () => number;
}

export interface VitalsParts {
  readonly contract: Pick<Contract, 'name' | 'version'>;
  readonly owner: string;
  readonly metrics: Pick<Metrics, 'snapshot'>;
  readonly upstreams: Pick<Upstreams, 'states'>;
  readonly routes: ((service: string) => Route | undefined) | undefined;
  readonly load: ProcessLoad | undefined;
  readonly inFlight: () => number;
  readonly standings: () => readonly Standing[];
  readonly runtime: Pick<Runtime, 'clock'>;
}

/** Takes the readings when it is asked. */
export function createVitals({
  contract,
  owner,
  metrics,
  upstreams,
  routes,
  runtime,
  inFlight,
  standings,
  load,
}: VitalsParts): () => ServiceVitals {
  const startedAt = runtime.clock.now();
  return () => ({
    service: contract.name,
    instance: owner,
    version: contract.version,
    startedAt,
    rssBytes: process.memoryUsage.rss(),
    eventLoopDelayMs: load?.eventLoopDelayMs() ?? 0,
    inFlight: inFlight(),
    operations: metrics.snapshot(),
    upstreams: upstreams.states().map((state) => {
      const route = routes?.(state.name);
      if (!route) return state;
      const ejected = route.balancer.view().filter(({ ejectedForMs }) => ejectedForMs > 0).length;
      return { ...state, instances: route.instances().length, ejected };
    }),
    leaders: standings(),
  });
}
