import type { Clock } from '../../kernel/index.ts';
import type { HttpResponse } from '../http-message.ts';
import type { Exchange } from './exchanges.ts';
import { lingerOn } from './linger.ts';

const BODILESS_STATUS: ReadonlySet<number> = new Set([204, 205, 304]);
/** Framing is the listener's own business; a handler that proxies may pass on what it received. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Writes an answer. A request whose body was not read to its end is answered first and then discarded for a moment, because
 * closing at once would reset the connection and take the answer with it.
 */
export function respond(exchange: Exchange, response: HttpResponse, clock: Clock): void {
  const { incoming, outgoing } = exchange;
  const bodiless = BODILESS_STATUS.has(response.status);
  const headers: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(response.headers)) if (!FRAMING.has(name)) headers[name] = value;
  if (!bodiless) headers['content-length'] = byteLength(response.body);
  if (!incoming.complete) headers.connection = 'close';
  outgoing.writeHead(response.status, headers);
  const body = bodiless || incoming.method === 'HEAD' ? undefined : response.body;
  if (incoming.complete) outgoing.end(body);
  else {
    if (body === undefined) outgoing.flushHeaders();
    else outgoing.write(body);
    lingerOn(incoming, clock, () => outgoing.end());
  }
}

export function byteLength(body: HttpResponse['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
}
