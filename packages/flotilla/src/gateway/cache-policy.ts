import type { HttpResponse } from '../transport/index.ts';
import type { Exchange } from './exchange.ts';
import type { Headers } from './hop-headers.ts';

const STATUSES: ReadonlySet<number> = new Set([200, 203, 204, 301, 404, 410]);
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * True for requests whose answer may be looked up and shared. What a cookie, an authorization that the gateway did not check,
 * or a range asks for is nobody else's answer.
 */
export function mayLookUp({ request }: Exchange): boolean {
  const { cookie, authorization, range } = request.headers;
  return request.method === 'GET' && cookie === undefined && authorization === undefined && range === undefined;
}

export interface Lifetime {
  readonly routeTtlMs: number;
  /** True when the answer is kept for one user only. */
  readonly isPrivate: boolean;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/** How long an answer may be kept: as long as the route says, or less when the service says so; 0 for not at all. */
export function ttlOf(response: HttpResponse, { routeTtlMs, isPrivate, now }: Lifetime): number {
  const { status, headers, body, parts } = response;
  const control = directivesOf(headers['cache-control']);
  const tooLarge = byteLengthOf(body) > MAX_BODY_BYTES;
  if (!STATUSES.has(status) || tooLarge || parts || setsCookies(response) || varyNames(headers).includes('*')) return 0;
  if (control.has('no-store') || control.has('no-cache') || (control.has('private') && !isPrivate)) return 0;
  const allowed = (isPrivate ? undefined : control.get('s-maxage')) ?? control.get('max-age');
  if (allowed !== undefined) return Math.min(routeTtlMs, Math.max(0, seconds(allowed) - ageOf(headers)) * 1000);
  if (headers.expires !== undefined) return Math.min(routeTtlMs, Math.max(0, (Date.parse(headers.expires) || 0) - now));
  return routeTtlMs;
}

/** Cookies are for one client. */
export function setsCookies({ cookies, headers }: HttpResponse): boolean {
  return cookies !== undefined || headers['set-cookie'] !== undefined;
}

/** Seconds since the answer was made, as the service says. */
export function ageOf(headers: Headers): number {
  return seconds(headers.age ?? '0');
}

/** Lower-case names of the request headers that the answer depends on. */
export function varyNames(headers: Headers): readonly string[] {
  const names = (headers.vary ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '');
}

export function byteLengthOf(body: HttpResponse['body']): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
}

function directivesOf(header: string | undefined): Map<string, string> {
  const parts = (header ?? '').split(',').map((part) => part.trim().toLowerCase());
  return new Map(
    parts.filter((part) => part !== '').map((part) => [part.split('=')[0]!, part.split('=')[1]?.replaceAll('"', '') ?? '']),
  );
}

/** What is no number means none: it must not keep an answer longer than its maker meant. */
function seconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}
