import { type Clock, digest } from '../kernel/index.ts';
import { createSingleFlight, type SingleFlight } from '../resilience/index.ts';
import type { HttpResponse } from '../transport/index.ts';
import { mayLookUp, setsCookies, ttlOf, varyNames } from './cache-policy.ts';
import { revalidated, withEtag, withoutConditions } from './conditional.ts';
import { withinDeadline } from './deadline.ts';
import { type Exchange, type Step, withHeaders } from './exchange.ts';
import { answers, type ResponseStore, type Variant } from './response-store.ts';

export interface CacheOptions {
  ttlMs: number;
  /** How long one fetch may take, whoever waits for it. */
  timeoutMs: number;
  store: ResponseStore;
  clock: Clock;
}

/** What one fetch brought, for the one who made it and perhaps for those who waited. */
interface Fetched {
  readonly response: HttpResponse;
  readonly isShareable: boolean;
  readonly varies: Variant['varies'];
}

/**
 * Keeps answers to GET and fetches each only once at a time. A signed-in user's answers are kept for that user alone. It comes
 * after authentication, so nobody reads a kept answer who could not have asked for it.
 */
export function cache(options: CacheOptions, next: Step): Step {
  const { store } = options;
  const flights: SingleFlight<Fetched> = createSingleFlight();

  return async (exchange, signal) => {
    if (!mayLookUp(exchange)) return withStatus(await next(exchange, signal), 'fwd=bypass');
    const { headers } = exchange.request;
    const key = keyOf(exchange);
    const kept = store.find(key, headers);
    if (kept) return revalidated(served(kept, store), headers);

    let isMine = false;
    const fetchForAll = (workSignal: AbortSignal): Promise<Fetched> => {
      isMine = true;
      return fetch(exchange, { options, next, signal: workSignal });
    };
    const fetched = await flights.run(key + store.distinction(key, headers), fetchForAll, signal);
    if (isMine) return revalidated(withStatus(fetched.response, 'fwd=uri-miss'), headers);
    if (fetched.isShareable && answers(fetched, headers)) {
      return revalidated(withStatus(fetched.response, 'fwd=uri-miss; collapsed'), headers);
    }
    // What came is for whoever fetched it alone.
    return withStatus(await next(exchange, signal), 'fwd=bypass');
  };
}

interface Fetching {
  readonly options: CacheOptions;
  readonly next: Step;
  readonly signal: AbortSignal;
}

async function fetch(exchange: Exchange, { options, next, signal }: Fetching): Promise<Fetched> {
  const { headers } = exchange.request;
  const { clock, store } = options;
  // One client's hurry must not cut short what others wait for as well.
  const deadline = clock.monotonic() + options.timeoutMs;
  const whole = { ...exchange, deadline, request: { ...exchange.request, headers: withoutConditions(headers) } };
  const response = await withinDeadline(clock, next)(whole, signal);
  const isPrivate = exchange.identity.subject !== undefined;
  const ttlMs = ttlOf(response, { routeTtlMs: options.ttlMs, isPrivate, now: clock.now() });
  if (ttlMs > 0) {
    const kept = store.keep(keyOf(exchange), headers, { response: withEtag(response), ttlMs });
    return { response: kept.response, isShareable: true, varies: kept.varies };
  }
  // A failure is nobody's secret, and asking a thousand times for it would not mend the service.
  const failed = response.status >= 500 && !setsCookies(response);
  const varies = varyNames(response.headers).map((name) => [name, headers[name]] as const);
  return { response, isShareable: failed, varies };
}

function served(variant: Variant, store: ResponseStore): HttpResponse {
  const { ageSeconds, ttlMs } = store.timesOf(variant);
  const response = withHeaders(variant.response, { age: String(ageSeconds) });
  return withStatus(response, `hit; ttl=${Math.ceil(ttlMs / 1000)}`);
}

/** RFC 9211: how the answer came about. */
function withStatus(response: HttpResponse, how: string): HttpResponse {
  return withHeaders(response, { 'cache-status': `flotilla; ${how}` });
}

/** Equal keys ask for the same thing with the same rights; the query is taken as it is written. */
function keyOf({ request, client, identity }: Exchange): string {
  const who = identity.subject === undefined ? '' : digest(identity.subject, identity.roles, identity.scopes);
  return `${client.protocol}://${client.host}${request.path}?${request.query}\n${who}\n`;
}
