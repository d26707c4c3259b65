import { FlotillaError } from '../../kernel/index.ts';
import { createSigningKey, createTokenIssuer, publicJwks } from '../../security/index.ts';
import type { Health, Logger } from '../../telemetry/index.ts';
import { createFakeRuntime } from '../../testing/index.ts';
import type { HttpRequest, HttpResponse } from '../../transport/index.ts';
import { createGateway, type GatewayConfig, parseGatewayConfig } from '../index.ts';

export const SYSTEM_KEY = 'the-system-key';
export const AUTH = 'auth: { issuer: https://shop, audience: shop, jwks: { service: users, path: /jwks } }';

/** A request as a service of the system sees it. */
export interface Seen extends HttpRequest {
  readonly service: string;
}

export type Answer = (request: Seen, signal: AbortSignal) => HttpResponse | Promise<HttpResponse>;

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  from?: string;
  signal?: AbortSignal;
}

/**
 * A gateway on a clock that stands still, before services that answer what the test says. The `users` service publishes the
 * keys of a real issuer.
 */
export async function createRig(yaml: string, answer: Answer = () => ok('fine')) {
  const runtime = createFakeRuntime();
  const key = await createSigningKey(runtime.ids);
  const issuer = createTokenIssuer({ key, issuer: 'https://shop', audience: 'shop', ttl: '1h', runtime });
  const seen: Seen[] = [];
  const { log, lines } = createMemoryLog();
  const state = { health: { status: 'UP' } as Health, ready: true, busy: false, answer };
  const upstream = (service: string) => async (request: HttpRequest, signal: AbortSignal) => {
    if (service === 'users' && request.path === '/jwks') return ok(JSON.stringify(publicJwks([key])));
    seen.push({ ...request, service });
    return await state.answer({ ...request, service }, signal);
  };
  const parse = (text: string): GatewayConfig =>
    parseGatewayConfig(text, 'gateway.yaml', { services: ['users', 'catalog', 'orders'] });
  const gateway = createGateway({
    config: parse(yaml),
    upstream,
    systemKey: SYSTEM_KEY,
    health: async () => state.health,
    ready: async () => ({ status: state.ready ? 'UP' : 'DOWN' }),
    shedder: {
      admit: () => {
        if (state.busy) throw new FlotillaError('OVERLOADED', { kind: 'unavailable', message: 'Too much to do.' });
      },
    },
    runtime,
    log,
  });
  return {
    gateway,
    runtime,
    seen,
    lines,
    state,
    handler: gateway.handler,
    reload: (text: string) => gateway.reload(parse(text)),
    /** An authorization header for a user. */
    signIn: async (subject: string, scopes: readonly string[] = []) => ({
      authorization: `Bearer ${await issuer.issue({ subject, roles: ['customer'], scopes })}`,
    }),
    send: (target: string, { method = 'GET', headers = {}, body, from = '192.0.2.1', signal }: Sent = {}) => {
      const [path = '', query = ''] = target.split('?');
      const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
      const request = { method, path, query, headers: { host: 'shop.example', ...headers }, body: bytes, remoteAddress: from };
      return gateway.handler(request, signal ?? new AbortController().signal);
    },
  };
}

export function ok(body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** The problem document of an answer. */
export function problemOf({ body }: HttpResponse): Record<string, unknown> {
  return JSON.parse(String(body)) as Record<string, unknown>;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

function createMemoryLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const keep = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message });
  const log: Logger = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error'), child: () => log };
  return { log, lines };
}
