import { FlotillaError } from '../../kernel/index.ts';

/** Already in normal form: unreserved and harmless characters only, no empty segment, none that starts with a dot. */
const NORMAL = /^(?:\/(?![./])[A-Za-z0-9\-._~!$&'()*+,;=:@]+)+\/?$|^\/$/;
/** What RFC 3986 allows in a path, with every `%` followed by two hex digits. */
const WELL_FORMED = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
/** Encoded control bytes, `/` and `\`: decoded by one part and not by another they mean two different paths. */
const TREACHEROUS = /%(?:[01][0-9A-Fa-f]|7[Ff]|2[Ff]|5[Cc])/;
const ENCODED_SLASH = /%2[Ff]/g;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * The one form of a path that is matched, authorised, logged and forwarded. Decodes unreserved characters only, removes dot
 * segments and merges slashes. Throws `MALFORMED_PATH` for what two readers could understand differently. Where nobody but the
 * handler reads paths, an encoded slash may be kept: it is part of a segment then.
 */
export function normalisePath(path: string, encodedSlash: 'refuse' | 'keep' = 'refuse'): string {
  if (NORMAL.test(path)) return path;
  if (!WELL_FORMED.test(path)) throw malformed('it holds characters that must not stand in a path');
  const judged = encodedSlash === 'keep' ? path.replaceAll(ENCODED_SLASH, '') : path;
  if (TREACHEROUS.test(judged)) throw malformed('it holds an encoded slash, backslash or control character');
  const segments = path.slice(1).split('/');
  const kept: string[] = [];
  for (const raw of segments) {
    const segment = raw.replaceAll(/%([0-9A-Fa-f]{2})/g, decodeUnreserved);
    const dots = segment === '.' || segment === '..';
    if (dots && raw !== segment) throw malformed('it holds an encoded dot segment');
    if (segment === '..') kept.pop();
    else if (segment !== '' && !dots) kept.push(segment);
  }
  const last = segments.at(-1);
  const slash = kept.length > 0 && (last === '' || last === '.' || last === '..') ? '/' : '';
  return `/${kept.join('/')}${slash}`;
}

function decodeUnreserved(encoded: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

function malformed(why: string): FlotillaError {
  return new FlotillaError('MALFORMED_PATH', { kind: 'invalid', message: `This path can't be used: ${why}.` });
}
