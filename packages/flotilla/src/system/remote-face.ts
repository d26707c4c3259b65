import { pickFrom, type Route, tryAt } from '../client/index.ts';
import type { Instance } from '../discovery/index.ts';
import type { Contract } from '../contract/index.ts';
import { FlotillaError, isFlotillaError, type Runtime } from '../kernel/index.ts';
import type { Attempt, Execute } from '../resilience/index.ts';
import {
  createEventsFace,
  type HttpHandler,
  type HttpPools,
  type HttpRequest,
  type HttpResponse,
  httpUpstream,
  type ItemsHandler,
} from '../transport/index.ts';
import { createRemoteStreams } from './remote-streams.ts';

export interface RemoteFaceOptions {
  readonly contract: Contract;
  readonly route: Route;
  readonly execute: Execute;
  readonly pools: HttpPools;
  readonly subscribe: ItemsHandler;
  readonly systemKey: string;
  readonly runtime: Runtime;
}

const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const UNAVAILABLE = 503;

/** Carries an answer that says "not now" through the stages as the failure it is. */
class NotNow extends FlotillaError {
  readonly response: HttpResponse;

  constructor(service: string, response: HttpResponse) {
    super('UNAVAILABLE', { kind: 'unavailable', message: `An instance of '${service}' takes no requests now.` });
    this.response = response;
  }
}

/**
 * The plain HTTP side of a service in other processes. Each try goes to another instance; what may be repeated, by its method
 * or by an idempotency key, is tried again when an instance is gone or going. Streams come over the connection that all calls to an
 * instance share: each would keep a connection of plain HTTP for itself.
 */
export function createRemoteFace(options: RemoteFaceOptions): HttpHandler {
  const ask = createPlainFace(options);
  const tell = createEventsFace({ ...options, subscribe: createRemoteStreams(options) });
  return (request, signal) => tell(request, signal) ?? ask(request, signal);
}

function createPlainFace({ contract: { name: service }, route, execute, pools }: RemoteFaceOptions): HttpHandler {
  const pick = pickFrom(route);
  return async (request, signal) => {
    const ask = async ({ endpoint, signal: until }: Attempt<Instance>): Promise<HttpResponse> =>
      await tryAt(route, endpoint, async () => {
        const response = await httpUpstream({ service, baseUrl: `${endpoint.url}/${service}`, pools })(request, until);
        if (response.status === UNAVAILABLE) throw new NotNow(service, response);
        return response;
      });
    try {
      return await execute(ask, { idempotent: mayRepeat(request), signal, pick });
    } catch (thrown) {
      if (isFlotillaError(thrown) && thrown instanceof NotNow) return thrown.response;
      throw thrown;
    }
  };
}

function mayRepeat({ method, headers }: HttpRequest): boolean {
  return REPEATABLE.has(method) || headers['idempotency-key'] !== undefined;
}
