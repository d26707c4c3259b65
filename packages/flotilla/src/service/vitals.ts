import type { Route, Upstreams } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
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
}

export interface UpstreamVitals extends PipelineState {
  /** Those it would choose from; absent where it does not choose. */
  readonly instances?: number;
}

/** How busy the process is that several services share. */
export interface ProcessLoad {
  readonly shedder: LoadShedder;
  readonly eventLoopDelayMs: () => number;
}

export interface VitalsParts {
  readonly contract: Contract;
  readonly owner: string;
  readonly metrics: Metrics;
  readonly upstreams: Upstreams;
  readonly routes: ((service: string) => Route | undefined) | undefined;
  readonly load: ProcessLoad | undefined;
  readonly inFlight: () => number;
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
      return route ? { ...state, instances: route.instances().length } : state;
    }),
  });
}
