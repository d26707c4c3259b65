import { type Headers, isHopByHop, namedByConnection, refuseProtected } from './hop-headers.ts';

const OURS_BY_NAME: ReadonlySet<string> = new Set([
  'forwarded',
  'host',
  'tracestate',
  'traceparent',
  'x-caller',
  'x-client-ip',
  'x-correlation-id',
  'x-fallback',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-request-attempt',
  'x-request-id',
  'x-request-timeout-ms',
  'x-rewrite-url',
  'x-shadow',
]);
const OURS_BY_START = /^x-(?:user|forwarded|internal|envoy)(?:-|$)/;

/**
 * What the outside may say to a service: everything but what ends at this hop and what only the gateway may say. It sets
 * those anew, from what it knows itself. Throws for a connection header that tries to remove what matters.
 */
export function cleanRequestHeaders(headers: Headers): Record<string, string> {
  const named = namedByConnection(headers);
  refuseProtected(named);
  const clean = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    if (!isHopByHop(name) && !named.has(name) && !isOurs(name)) clean[name] = value;
  }
  return clean;
}

function isOurs(name: string): boolean {
  // Some servers read `x_user_id` as `x-user-id`.
  const spelled = name.replaceAll('_', '-');
  return OURS_BY_NAME.has(spelled) || OURS_BY_START.test(spelled);
}
