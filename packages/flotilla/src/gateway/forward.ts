import type { Clock, Ids } from '../kernel/index.ts';
import type { Caller } from '../security/index.ts';
import { type HttpHandler, type HttpResponse, metadataHeaders, noSuchRoute } from '../transport/index.ts';
import type { Exchange, Step } from './exchange.ts';
import { publicProblem } from './public-problem.ts';
import { isForbidden } from './reserved-paths.ts';
import { cleanResponseHeaders } from './response-headers.ts';
import type { RouteConfig } from './route-config.ts';

export interface ForwardOptions {
  route: RouteConfig;
  /** The service's plain HTTP side; it is asked with the service's own paths. */
  upstream: HttpHandler;
  systemKey: string;
  clock: Clock;
  ids: Ids;
}

const NEEDS_KEY: ReadonlySet<string> = new Set(['POST', 'PATCH']);
/** Not internal although it holds the key: it is bound by the rights of the user it calls for. */
const GATEWAY: Caller = Object.freeze({ internal: false, name: 'gateway' });

/** The last stage: asks the service, as the gateway, on behalf of the user. */
export function forward(options: ForwardOptions): Step {
  const { route, upstream } = options;
  return async (exchange, signal) => {
    const { request } = exchange;
    const path = request.path.slice(route.stripPrefix.length) || '/';
    if (isForbidden(path)) throw noSuchRoute(request.path);
    const headers = outgoingHeaders(exchange, options);
    const response = await upstream({ ...request, path, headers, remoteAddress: undefined }, signal);
    return publicResponse(response, route);
  };
}

function publicResponse(response: HttpResponse, route: RouteConfig): HttpResponse {
  const clean = { ...response, headers: cleanResponseHeaders(response.headers, route.stripPrefix) };
  return publicProblem(clean, route.stripPrefix);
}

function outgoingHeaders(exchange: Exchange, { route, systemKey, clock, ids }: ForwardOptions): Record<string, string> {
  const { request, identity, trace, correlationId } = exchange;
  const idempotencyKey = request.headers['idempotency-key'] ?? (NEEDS_KEY.has(request.method) ? ids() : undefined);
  const remainingMs = Math.max(1, exchange.deadline - clock.monotonic());
  const metadata = { identity, caller: GATEWAY, trace, correlationId, remainingMs, idempotencyKey, attempt: 1 };
  return Object.assign(
    Object.create(null) as Record<string, string>,
    request.headers,
    metadataHeaders(metadata, systemKey),
    forwardedHeaders(exchange, route),
    { 'x-request-id': exchange.requestId },
  );
}

function forwardedHeaders({ client, request }: Exchange, route: RouteConfig): Record<string, string> {
  // An answer that is kept for many clients must not depend on one of them.
  const kept = route.cacheTtlMs !== undefined && request.method === 'GET';
  return {
    'x-forwarded-proto': client.protocol,
    ...(client.host !== '' && { 'x-forwarded-host': client.host }),
    ...(route.stripPrefix !== '' && { 'x-forwarded-prefix': route.stripPrefix }),
    ...(client.address !== '' && !kept && { 'x-forwarded-for': client.address }),
  };
}
