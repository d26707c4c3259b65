import type { OwnAnswers } from '../gateway/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import { createKeyCheck, type HttpHandler, type HttpRequest, noSuchRoute, problemResponse } from '../transport/index.ts';
import type { Network } from './network.ts';
import { GATEWAY } from './placement.ts';

const VITALS: ReadonlySet<string> = new Set(['/health', '/livez', '/readyz']);
const BEARER = 'Bearer ';

export interface InternalFaceOptions {
  readonly network: Pick<Network, 'localFace'>;
  /** What the gateway of this process answers, where it has one. */
  readonly gateway?: HttpHandler | undefined;
  readonly ownAnswers: OwnAnswers;
  /** In the text format of Prometheus. */
  readonly metrics: () => string;
  readonly systemKey: string;
}

/** What a process answers to its own system: the services that run in it at `/{service}/…`, how it is doing, and its metrics. */
export function createInternalFace({ network, gateway, ownAnswers, metrics, systemKey }: InternalFaceOptions): HttpHandler {
  const knowsKey = createKeyCheck(systemKey);
  return async (request, signal) => {
    const { method, path } = request;
    try {
      if (VITALS.has(path)) return await ownAnswers(method, path, signal);
      if (path === '/metrics') {
        if (!knowsKey(keyOf(request))) throw keyNeeded();
        return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: metrics() };
      }
      const end = path.indexOf('/', 1);
      const name = path.slice(1, end);
      const face = end === -1 ? undefined : name === GATEWAY ? gateway : network.localFace(name);
      if (!face) throw noSuchRoute(path);
      return await face({ ...request, path: path.slice(end) }, signal);
    } catch (thrown) {
      return problemResponse(thrown, { instance: path });
    }
  };
}

/** Scrapers can send a token, and hardly any other header. */
function keyOf({ headers }: HttpRequest): string {
  const { authorization = '' } = headers;
  return headers['x-internal-key'] ?? (authorization.startsWith(BEARER) ? authorization.slice(BEARER.length) : '');
}

function keyNeeded(): FlotillaError {
  return new FlotillaError('UNAUTHENTICATED', {
    kind: 'unauthenticated',
    message: "Metrics are for who holds the system's key. Send it as a bearer token or as x-internal-key.",
  });
}
