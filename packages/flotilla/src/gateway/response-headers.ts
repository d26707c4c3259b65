import { type Headers, isHopByHop, namedByConnection } from './hop-headers.ts';

const INTERNAL = /^x-(?:user|forwarded|internal|envoy)(?:-|$)/;
const INTERNAL_BY_NAME: ReadonlySet<string> = new Set([
  'server',
  'traceparent',
  'tracestate',
  'x-caller',
  'x-correlation-id',
  'x-powered-by',
  'x-request-attempt',
  'x-request-id',
  'x-request-timeout-ms',
]);

/** What a service may say to the outside. A `Location` on this host gets back the prefix that the service did not see. */
export function cleanResponseHeaders(headers: Headers, stripPrefix: string): Record<string, string> {
  const named = namedByConnection(headers);
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (isHopByHop(name) || named.has(name) || INTERNAL_BY_NAME.has(name) || INTERNAL.test(name)) continue;
    clean[name] = name === 'location' ? publicLocation(value, stripPrefix) : value;
  }
  return clean;
}

function publicLocation(location: string, stripPrefix: string): string {
  return location.startsWith('/') && !location.startsWith('//') ? stripPrefix + location : location;
}
