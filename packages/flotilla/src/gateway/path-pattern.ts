import { FlotillaError } from '../kernel/index.ts';

export type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  /** The rest of the path, which may be nothing. Only ever the last one. */
  | { readonly kind: 'wildcard' };

const PARAM = /^\{([A-Za-z_]\w{0,63})\}$/;
const STATIC = /^[A-Za-z0-9._~@-]{1,200}$/;

/**
 * Reads `/api/orders/{id}` or `/api/products/*`. There are no regular expressions: a path is matched in time that no request
 * can stretch. Throws `INVALID_PATH_PATTERN` with what to write instead.
 */
export function parsePathPattern(text: string): readonly Segment[] {
  if (!text.startsWith('/')) throw invalid(text, 'start it with a slash');
  if (text === '/') return [];
  const parts = text.slice(1).split('/');
  const segments = parts.map((part, index) => parseSegment(text, part, index === parts.length - 1));
  const names = segments.flatMap((segment) => (segment.kind === 'param' ? [segment.name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(text, `the parameter '${twice}' stands there twice; give one another name`);
  return segments;
}

function parseSegment(path: string, part: string, isLast: boolean): Segment {
  if (part === '*' && isLast) return { kind: 'wildcard' };
  if (part.includes('*')) throw invalid(path, "a '*' stands alone at the end: '/products/*'");
  const param = PARAM.exec(part);
  if (param) return { kind: 'param', name: param[1]! };
  if (part === '') throw invalid(path, isLast ? 'leave out the slash at the end' : "it has an empty segment, '//'");
  if (part.startsWith(':')) throw invalid(path, "write a parameter in braces: '{id}'");
  if (part.includes('{') || part.includes('}')) throw invalid(path, "a parameter is a whole segment and a plain name: '/{id}/'");
  if (part === '.' || part === '..' || !STATIC.test(part)) {
    throw invalid(path, `'${part.slice(0, 60)}' may hold only letters, digits and . _ ~ @ -`);
  }
  return { kind: 'static', text: part };
}

function invalid(text: string, advice: string): FlotillaError {
  return new FlotillaError('INVALID_PATH_PATTERN', {
    kind: 'invalid',
    message: `'${text.slice(0, 120)}' is not a path: ${advice}.`,
  });
}
