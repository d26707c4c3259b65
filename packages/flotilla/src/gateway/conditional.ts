import { createHash } from 'node:crypto';
import type { HttpResponse } from '../transport/index.ts';
import { withHeaders } from './exchange.ts';
import type { Headers } from './hop-headers.ts';

const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range'];

/** The headers without the client's conditions: what is kept for many must be the whole answer. */
export function withoutConditions(headers: Headers): Record<string, string> {
  const rest = Object.entries(headers).filter(([name]) => !CONDITIONS.includes(name));
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(rest));
}

/** Gives an answer an `ETag` of its bytes unless the service gave it one. */
export function withEtag(response: HttpResponse): HttpResponse {
  if (response.status !== 200 || response.headers.etag !== undefined) return response;
  const hash = createHash('sha256')
    .update(response.body ?? '')
    .digest('base64url');
  return withHeaders(response, { etag: `"${hash.slice(0, 27)}"` });
}

/** 304 when the client says that it has this very answer. */
export function revalidated(response: HttpResponse, requestHeaders: Headers): HttpResponse {
  const known = requestHeaders['if-none-match'];
  const { etag } = response.headers;
  if (known === undefined || etag === undefined || response.status !== 200 || !matches(known, etag)) return response;
  const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !/^content-(?!location)/.test(name)));
  return { status: 304, headers, body: undefined };
}

/** Weak comparison (RFC 9110, 13.1.2): what a client may skip loading need not be equal byte for byte. */
function matches(known: string, etag: string): boolean {
  if (known.trim() === '*') return true;
  const opaque = (tag: string): string => tag.replace(/^W\//, '');
  const tags: readonly string[] = known.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => opaque(tag) === opaque(etag));
}
