import { parseYaml } from '../config/index.ts';
import { readHops, readPlainPath, readPrefix, readText, serviceReader } from './config-fields.ts';
import { ProblemList, Section } from './config-section.ts';
import { findConflicts, type PlacedRoute } from './route-conflicts.ts';
import { readRoute, type RouteConfig, type RouteDefaults, ROUTE_KEYS } from './route-config.ts';

/** Whose tokens are good, and which service publishes the keys to check them with. */
export interface AuthConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: { readonly service: string; readonly path: string };
}

export interface GatewayConfig {
  readonly auth: AuthConfig | undefined;
  /** How many proxies of our own stand before the gateway; only what they say about the client is believed. */
  readonly trustedHops: number;
  readonly routes: readonly RouteConfig[];
}

export interface GatewayConfigOptions {
  /** The names of the system's services. */
  services: readonly string[];
}

const KEYS = ['auth', 'strip_prefix', 'trusted_hops', 'routes'];

/**
 * Reads a gateway's YAML and checks it as a whole. Throws `INVALID_GATEWAY_CONFIG`, whose message and `details.problems` list
 * everything wrong with file and line, or `INVALID_YAML` when the file is not even YAML.
 */
export function parseGatewayConfig(text: string, file: string, { services }: GatewayConfigOptions): GatewayConfig {
  const yaml = parseYaml(text, file);
  const problems = new ProblemList(yaml);
  const section = Section.open(problems, { value: yaml.value, path: [] }, KEYS);
  const auth = section?.has('auth') ? readAuth(section, services) : undefined;
  const trustedHops = section?.optional('trusted_hops', readHops) ?? 0;
  const stripPrefix = section?.optional('strip_prefix', readPrefix) ?? '';
  const routes = section ? readRoutes(section, { services, stripPrefix, hasAuth: section.has('auth') }) : [];
  findConflicts(routes, problems);
  problems.throwIfAny();
  return { auth, trustedHops, routes: routes.map(({ route }) => route) };
}

function readAuth(parent: Section, services: readonly string[]): AuthConfig | undefined {
  const section = parent.section('auth', ['issuer', 'audience', 'jwks']);
  const issuer = section?.required('issuer', readText);
  const audience = section?.required('audience', readText);
  const jwks = section?.section('jwks', ['service', 'path']);
  const service = jwks?.required('service', serviceReader(services));
  const path = jwks?.required('path', readPlainPath);
  if (issuer === undefined || audience === undefined || service === undefined || path === undefined) return undefined;
  return { issuer, audience, jwks: { service, path } };
}

function readRoutes(section: Section, defaults: RouteDefaults): PlacedRoute[] {
  const list = section.get('routes');
  if (!Array.isArray(list) || list.length === 0) {
    section.problems.add(section.at('routes'), 'write a list of routes: each has a path and a service.');
    return [];
  }
  return list.flatMap((value: unknown, index) => {
    const path = [...section.at('routes'), index];
    const one = Section.open(section.problems, { value, path }, ROUTE_KEYS);
    const route = one && readRoute(one, defaults);
    return route ? [{ route, path }] : [];
  });
}
