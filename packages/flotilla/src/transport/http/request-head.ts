import type { IncomingMessage } from 'node:http';
import { FlotillaError } from '../../kernel/index.ts';
import type { HttpRequest } from '../http-message.ts';
import type { ListenerLimits } from './limits.ts';
import { normalisePath } from './path.ts';

export type RequestHead = Omit<HttpRequest, 'body'>;

/** Two of these mean that the sender and some part on the way disagree about who asks for what. */
const SINGLE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type', 'content-length']);

export interface HeadOptions {
  readonly limits: ListenerLimits;
  readonly encodedSlash?: 'refuse' | 'keep' | undefined;
  /** The one that may be asked for instead of HTTP. */
  readonly protocol?: string | undefined;
}

/** Reads and checks everything before the body. Throws a `FlotillaError` for what must not be answered. */
export function readHead(incoming: IncomingMessage, { limits, encodedSlash, protocol }: HeadOptions): RequestHead {
  const target = incoming.url ?? '';
  if (target.length > limits.urlBytes) throw invalid('URI_TOO_LONG', `The URL is longer than ${limits.urlBytes} bytes.`);
  const headers = readHeaders(incoming.rawHeaders, limits);
  if (headers.host === undefined && incoming.httpVersion === '1.1') throw invalid('MISSING_HOST', 'Send a host header.');
  if (protocol === undefined || headers.upgrade?.toLowerCase() !== protocol) refuseUpgrade(headers);
  const [path, query] = splitTarget(originForm(target, headers.host));
  const remoteAddress = incoming.socket.remoteAddress;
  return { method: incoming.method ?? 'GET', path: normalisePath(path, encodedSlash), query, headers, remoteAddress };
}

/** Built from the raw fields: Node's own map keeps one of two authorizations and drops `__proto__`. */
function readHeaders(raw: readonly string[], limits: ListenerLimits): Record<string, string> {
  if (raw.length / 2 > limits.headerFields) throw headersTooLarge(`more than ${limits.headerFields} fields`);
  const headers = Object.create(null) as Record<string, string>;
  let bytes = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    const value = raw[index + 1]!;
    const earlier = headers[name];
    bytes += name.length + value.length;
    if (earlier === undefined) headers[name] = value;
    else if (SINGLE.has(name)) throw invalid('DUPLICATE_HEADER', `Send the header '${name}' only once.`);
    else headers[name] = name === 'cookie' ? `${earlier}; ${value}` : `${earlier}, ${value}`;
  }
  if (bytes > limits.headerBytes) throw headersTooLarge(`more than ${limits.headerBytes} bytes`);
  return headers;
}

/** Clients offer HTTP/2 on plain connections by themselves; that offer is passed over. Any other upgrade wants a tunnel. */
function refuseUpgrade(headers: Record<string, string>): void {
  if (headers.upgrade === undefined) return;
  if (headers.upgrade.toLowerCase() !== 'h2c') {
    throw invalid(
      'UPGRADE_REFUSED',
      `This server speaks plain HTTP only; it can't upgrade to '${headers.upgrade.slice(0, 40)}'.`,
    );
  }
  delete headers.upgrade;
  delete headers['http2-settings'];
  delete headers.connection;
}

/** The path and query that are meant. An absolute target is accepted only when it names the very authority of the host header. */
function originForm(target: string, host: string | undefined): string {
  if (target.startsWith('/')) return target;
  const match = /^http:\/\/([^/?#]*)(.*)$/i.exec(target);
  if (!match) throw invalid('MALFORMED_PATH', 'The request target must be a path that starts with a slash.');
  if (match[1]!.toLowerCase() !== host?.toLowerCase()) {
    throw invalid('HOST_MISMATCH', 'The URL of the request line names another host than the host header.');
  }
  return match[2]!.startsWith('/') ? match[2]! : `/${match[2]!}`;
}

function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}

function headersTooLarge(what: string): FlotillaError {
  return invalid('HEADERS_TOO_LARGE', `The request has ${what} of headers. Send fewer or shorter ones.`);
}

function invalid(code: string, message: string): FlotillaError {
  return new FlotillaError(code, { kind: 'invalid', message });
}
