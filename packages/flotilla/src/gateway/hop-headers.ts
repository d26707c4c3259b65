import { FlotillaError } from '../kernel/index.ts';

export type Headers = Readonly<Record<string, string>>;

/** Headers that speak of one connection, not of the message. Trailers are not passed on, so `te` goes too. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** True for headers that end at the next hop. Framing is computed anew on each, so a length never travels. */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name) || name.startsWith('proxy-') || name === 'content-length';
}

/** The other headers that `connection` declares to be for this connection only. */
export function namedByConnection(headers: Headers): ReadonlySet<string> {
  const names = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  return new Set(names.filter((name) => name !== ''));
}

const PROTECTED =
  /^(?:authorization|cookie|host|forwarded|traceparent|tracestate|baggage|idempotency-key|if-.+|content-.+|x-.+)$/;

/** A client that could make the gateway drop these would choose what the service believes. */
export function refuseProtected(named: ReadonlySet<string>): void {
  for (const name of named) {
    if (!PROTECTED.test(name)) continue;
    throw new FlotillaError('MALFORMED_REQUEST', {
      kind: 'invalid',
      message: `The connection header must not name '${name.slice(0, 60)}'.`,
    });
  }
}
