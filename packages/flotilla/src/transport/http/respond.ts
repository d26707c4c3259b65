import type { OutgoingHttpHeaders } from 'node:http';
import type { Clock } from '../../kernel/index.ts';
import type { HttpResponse } from '../http-message.ts';
import type { Exchange } from './exchanges.ts';
import { lingerOn } from './linger.ts';
import { sendParts } from './send-parts.ts';

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
  outgoing.writeHead(response.status, headersOf(response, { bodiless, close: !incoming.complete }));
  const isWanted = !bodiless && incoming.method !== 'HEAD';
  const body = isWanted ? response.body : undefined;
  if (response.parts) sendParts(exchange, response.parts, isWanted);
  else if (incoming.complete) outgoing.end(body);
  else {
    if (body === undefined) outgoing.flushHeaders();
    else outgoing.write(body);
    lingerOn(incoming, clock, () => outgoing.end());
  }
}

function headersOf({ headers, cookies, body, parts }: HttpResponse, { bodiless, close }: { bodiless: boolean; close: boolean }) {
  const fields: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) if (!FRAMING.has(name)) fields[name] = value;
  if (cookies) fields['set-cookie'] = [...cookies];
  if (!bodiless && !parts) fields['content-length'] = byteLength(body);
  if (close) fields.connection = 'close';
  return fields;
}

export function byteLength(body: HttpResponse['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
}
