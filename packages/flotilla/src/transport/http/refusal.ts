import type { Socket } from 'node:net';
import { type Clock, FlotillaError } from '../../kernel/index.ts';
import type { HttpResponse } from '../http-message.ts';
import { defaultLimits } from './limits.ts';
import { lingerOn } from './linger.ts';
import { STATUS_CODES } from './node-http.ts';
import { problemResponse } from './problem.ts';
import { byteLength } from './respond.ts';

/** What the HTTP parser or its timers complain about. */
export interface ParserError extends Error {
  code?: string;
  rawPacket?: Buffer;
}

/** Answers on the bare socket, where no request came to be, and closes it. */
export function refuse(socket: Socket, error: FlotillaError, clock: Clock): void {
  socket.on('error', () => socket.destroy());
  socket.end(asText(problemResponse(error)));
  lingerOn(socket, clock, () => socket.destroy());
}

export function refusalOf(error: ParserError): FlotillaError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new FlotillaError('REQUEST_TIMEOUT', { kind: 'timeout', message: 'The request did not arrive in time.' });
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') return overflow(error);
  return new FlotillaError('MALFORMED_REQUEST', { kind: 'invalid', message: 'This is not a well-formed HTTP request.' });
}

/** The parser counts the URL and the headers together; a first line without an end tells that the URL is to blame. */
function overflow({ rawPacket }: ParserError): FlotillaError {
  const firstLine = rawPacket?.subarray(0, defaultLimits.urlBytes).toString('latin1') ?? '\n';
  return /^[A-Z]+ [^\n]*$/.test(firstLine)
    ? new FlotillaError('URI_TOO_LONG', { kind: 'invalid', message: 'The URL is too long.' })
    : new FlotillaError('HEADERS_TOO_LARGE', { kind: 'invalid', message: 'The request has too many bytes of headers.' });
}

function asText({ status, headers, body }: HttpResponse): string {
  const fields = { ...headers, 'content-length': byteLength(body), connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines.join('')}\r\n${String(body ?? '')}`;
}
