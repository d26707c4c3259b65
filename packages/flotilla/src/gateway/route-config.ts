import type { Rate } from '../resilience/index.ts';
import {
  type Method,
  readFlag,
  readMethods,
  readPrefix,
  readRate,
  readText,
  readTimeout,
  readTtl,
  serviceReader,
} from './config-fields.ts';
import type { Section } from './config-section.ts';
import { parsePathPattern, type Segment } from './path-pattern.ts';

/** What happens to the requests for one path. */
export interface RouteConfig {
  /** As it is written, and as logs name it. */
  readonly path: string;
  readonly segments: readonly Segment[];
  readonly service: string;
  /** HEAD is allowed wherever GET is. */
  readonly methods: readonly Method[];
  readonly authRequired: boolean;
  /** For each user, or each client address where nobody is signed in. */
  readonly rateLimit: Rate | undefined;
  readonly cacheTtlMs: number | undefined;
  readonly timeoutMs: number;
  /** What the service does not see of the path; empty for nothing. */
  readonly stripPrefix: string;
}

export const ROUTE_KEYS: readonly string[] = [
  'path',
  'service',
  'methods',
  'auth_required',
  'rate_limit',
  'cache_ttl',
  'timeout',
  'strip_prefix',
];

const DEFAULT_METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const DEFAULT_TIMEOUT_MS = 15_000;

export interface RouteDefaults {
  readonly services: readonly string[];
  readonly stripPrefix: string;
  readonly hasAuth: boolean;
}

/** Reads one route. Undefined when it cannot be used; the section's problems then say why. */
export function readRoute(section: Section, defaults: RouteDefaults): RouteConfig | undefined {
  const pattern = section.required('path', (value) => ({ path: readText(value), segments: parsePathPattern(readText(value)) }));
  const service = section.required('service', serviceReader(defaults.services));
  const methods = section.has('methods') ? section.optional('methods', readMethods) : DEFAULT_METHODS;
  const route = {
    authRequired: section.optional('auth_required', readFlag) ?? false,
    rateLimit: section.optional('rate_limit', readRate),
    cacheTtlMs: section.optional('cache_ttl', readTtl),
    timeoutMs: section.optional('timeout', readTimeout) ?? DEFAULT_TIMEOUT_MS,
  };
  const ownPrefix = section.optional('strip_prefix', readPrefix);
  if (route.authRequired && !defaults.hasAuth) {
    section.problems.add(section.at('auth_required'), "needs the section 'auth', which says whose tokens are good.");
  }
  if (route.cacheTtlMs !== undefined && methods && !methods.includes('GET')) {
    section.problems.add(
      section.at('cache_ttl'),
      'has no effect: only answers to GET are kept, which this route does not allow.',
    );
  }
  if (!pattern || service === undefined || !methods) return undefined;
  const { path, segments } = pattern;
  if (ownPrefix !== undefined && !hasPrefix(path, ownPrefix)) {
    section.problems.add(section.at('strip_prefix'), `'${ownPrefix}' is not how the path '${path}' begins.`);
  }
  const prefix = ownPrefix ?? defaults.stripPrefix;
  return { path, segments, service, methods, ...route, stripPrefix: hasPrefix(path, prefix) ? prefix : '' };
}

/** True when the path begins with the prefix and the prefix ends where a segment ends. */
export function hasPrefix(path: string, prefix: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}
