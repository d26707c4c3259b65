import type { Runtime } from '../kernel/index.ts';
import type { LoadShedder } from '../resilience/index.ts';
import { createMetrics, type Health, type Logger, type Metrics } from '../telemetry/index.ts';
import { type HttpHandler, type HttpRequest, type HttpResponse, methodNotAllowed, noSuchRoute } from '../transport/index.ts';
import { logAccess } from './access-log.ts';
import { nameOf, outcomeOf } from './answered.ts';
import { type Arrival, arrive, cleaned } from './arrival.ts';
import type { GatewayConfig } from './config.ts';
import { timeoutOf } from './deadline.ts';
import { withHeaders } from './exchange.ts';
import { createOwnAnswers, type OwnAnswers } from './own-answers.ts';
import { OWN_PATHS } from './reserved-paths.ts';
import type { RouteMatch } from './router.ts';
import { buildTable, type ReadyRoute, type RouteTable, type TableOptions } from './route-table.ts';

export interface GatewayOptions {
  config: GatewayConfig;
  /** The plain HTTP side of a service. It is asked with the service's own paths: `/products/7`, not `/catalog/products/7`. */
  upstream: (service: string) => HttpHandler;
  /** Proves to the services that what the gateway says of the user is true. */
  systemKey: string;
  /** The whole system's health, by its parts. */
  health: () => Promise<Health>;
  /** What `/readyz` says. Always ready unless given. */
  ready?: () => Promise<Health>;
  /** Refuses requests while this process has too much to do. */
  shedder?: Pick<LoadShedder, 'admit'>;
  runtime: Runtime;
  log: Logger;
}

/** The one door to a system's services from outside. Put its handler behind a listener. */
export interface Gateway {
  readonly handler: HttpHandler;
  /** Requests by method and route. */
  readonly metrics: Pick<Metrics, 'snapshot'>;
  /** Requests that are being answered now. */
  inFlight(): number;
  /** Takes another configuration from the next request on; requests under way end as they began. */
  reload(config: GatewayConfig): void;
}

export function createGateway(options: GatewayOptions): Gateway {
  const gateway = new RunningGateway(options);
  return {
    handler: (request, signal) => gateway.handle(request, signal),
    metrics: gateway.metrics,
    inFlight: () => gateway.inFlight,
    reload: (config) => gateway.reload(config),
  };
}

class RunningGateway {
  readonly metrics: Metrics;
  inFlight = 0;
  readonly #runtime: Runtime;
  readonly #log: Logger;
  readonly #tableOptions: TableOptions;
  readonly #ownAnswers: OwnAnswers;
  #table: RouteTable;

  readonly #shedder: GatewayOptions['shedder'];

  constructor({ config, upstream, systemKey, runtime, log, ...options }: GatewayOptions) {
    const { health, ready = async () => ({ status: 'UP' }), shedder } = options;
    this.metrics = createMetrics(runtime);
    this.#runtime = runtime;
    this.#log = log;
    this.#shedder = shedder;
    this.#tableOptions = { upstream, systemKey, runtime };
    this.#ownAnswers = createOwnAnswers({ health, ready, clock: runtime.clock });
    this.#table = buildTable(config, this.#tableOptions);
  }

  reload(config: GatewayConfig): void {
    this.#table = buildTable(config, this.#tableOptions, this.#table);
  }

  async handle(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { clock } = this.#runtime;
    const started = clock.monotonic();
    const table = this.#table;
    const arrival = arrive(request, { trustedHops: table.config.trustedHops, runtime: this.#runtime, log: this.#log });
    const match = table.router.match(request.method, request.path);
    this.inFlight += 1;
    const response = await this.#answer(arrival, match, signal).catch(arrival.answerFailure);
    this.inFlight -= 1;
    const route = match && 'route' in match ? match.route : undefined;
    const answered = { arrival, route, response, ms: clock.monotonic() - started, left: signal.aborted };
    logAccess(this.#log, answered);
    if (!OWN_PATHS.has(request.path)) this.metrics.record(nameOf(answered), started, outcomeOf(answered));
    return withHeaders(response, { 'x-request-id': arrival.requestId });
  }

  async #answer(arrival: Arrival, match: RouteMatch<ReadyRoute> | undefined, signal: AbortSignal): Promise<HttpResponse> {
    const { method, path } = arrival.request;
    if (OWN_PATHS.has(path)) return await this.#ownAnswers(method, path, signal);
    if (!match) throw noSuchRoute(path);
    if ('allow' in match) throw methodNotAllowed(method, match.allow);
    return await this.#run(match.route, arrival, signal);
  }

  async #run(route: ReadyRoute, arrival: Arrival, signal: AbortSignal): Promise<HttpResponse> {
    this.#shedder?.admit();
    const deadline = this.#runtime.clock.monotonic() + timeoutOf(arrival.request.headers, route.timeoutMs);
    const { request, ...known } = cleaned(arrival);
    // A route for GET answers HEAD too; the listener leaves out the body.
    const method = request.method === 'HEAD' && !route.methods.includes('HEAD') ? 'GET' : request.method;
    return await route.step({ ...known, deadline, request: { ...request, method } }, signal);
  }
}
