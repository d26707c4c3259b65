import type { Runtime } from '../kernel/index.ts';
import { createRateLimiter, type RateLimiter } from '../resilience/index.ts';
import { createTokenVerifier, type TokenVerifier } from '../security/index.ts';
import type { HttpHandler } from '../transport/index.ts';
import { authenticate } from './authenticate.ts';
import { cache } from './cache.ts';
import type { GatewayConfig } from './config.ts';
import { withinDeadline } from './deadline.ts';
import type { Step } from './exchange.ts';
import { forward } from './forward.ts';
import { createKeyFetcher } from './key-fetcher.ts';
import { limit } from './limit.ts';
import { ResponseStore } from './response-store.ts';
import type { RouteConfig } from './route-config.ts';
import { createRouter, type Router } from './router.ts';

export interface TableOptions {
  /** The plain HTTP side of a service. It is asked with the service's own paths: `/products/7`. */
  upstream: (service: string) => HttpHandler;
  systemKey: string;
  runtime: Runtime;
}

/** A route with its stages put together. */
export interface ReadyRoute extends RouteConfig {
  readonly step: Step;
}

/** Everything that is made from one configuration. It never changes: a new configuration makes a new table. */
export interface RouteTable {
  readonly config: GatewayConfig;
  readonly router: Router<ReadyRoute>;
  readonly verifier: TokenVerifier | undefined;
  readonly limiters: ReadonlyMap<string, RateLimiter>;
}

/** Builds a table. From the previous one it takes over what has not changed: signing keys, and who has used how much; kept answers start anew. */
export function buildTable(config: GatewayConfig, options: TableOptions, previous?: RouteTable): RouteTable {
  const sameAuth = previous && JSON.stringify(previous.config.auth) === JSON.stringify(config.auth);
  const verifier = sameAuth ? previous.verifier : createVerifier(config, options);
  const limiters = new Map<string, RateLimiter>();
  const store = new ResponseStore(options.runtime.clock);
  const routes = config.routes.map((route): ReadyRoute => {
    const limiter = limiterFor(route, options.runtime, previous?.limiters);
    if (limiter) limiters.set(limiterKey(route), limiter);
    return { ...route, step: stagesOf(route, { ...options, verifier, limiter, store }) };
  });
  return { config, router: createRouter(routes), verifier, limiters };
}

interface StageOptions extends TableOptions {
  readonly verifier: TokenVerifier | undefined;
  readonly limiter: RateLimiter | undefined;
  readonly store: ResponseStore;
}

/**
 * Authenticate, limit, deadline, cache, forward: built from the last to the first, each only where it is needed. Fetching keys
 * has a time limit of its own, and an answer that comes too late still says what is left of the limit.
 */
function stagesOf(route: RouteConfig, options: StageOptions): Step {
  const { verifier, limiter, store, upstream, systemKey, runtime } = options;
  const { clock, ids } = runtime;
  let step = forward({ route, upstream: upstream(route.service), systemKey, clock, ids });
  if (route.cacheTtlMs !== undefined) step = cache({ ttlMs: route.cacheTtlMs, timeoutMs: route.timeoutMs, store, clock }, step);
  step = withinDeadline(clock, step);
  if (limiter) step = limit(limiter, step);
  if (verifier) step = authenticate({ verifier, required: route.authRequired, limiter }, step);
  return step;
}

function createVerifier({ auth }: GatewayConfig, options: TableOptions): TokenVerifier | undefined {
  if (!auth) return undefined;
  const { issuer, audience, jwks } = auth;
  const { runtime, systemKey } = options;
  const fetchKeys = createKeyFetcher({ upstream: options.upstream(jwks.service), path: jwks.path, systemKey });
  return createTokenVerifier({ issuer, audience, jwks: fetchKeys, runtime });
}

function limiterFor(
  route: RouteConfig,
  { clock }: Runtime,
  previous: ReadonlyMap<string, RateLimiter> | undefined,
): RateLimiter | undefined {
  if (!route.rateLimit) return undefined;
  return previous?.get(limiterKey(route)) ?? createRateLimiter({ rate: route.rateLimit, clock });
}

function limiterKey({ path, methods, rateLimit }: RouteConfig): string {
  return JSON.stringify([path, methods, rateLimit]);
}
