import { type FlotillaError, parseJson } from '../../kernel/index.ts';
import { carried, fromCarried } from '../border.ts';
import { isErrorKind } from '../http/status.ts';
import type { Content } from './frame.ts';

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** An error as the other side may see it, as the content of a frame. */
export function writeError(thrown: unknown): Content {
  return { head: '', body: JSON.stringify(carried(thrown)) };
}

/** The error that the other side told. What can't be understood, as from a later version, becomes an internal one. */
export function readError(body: string): FlotillaError {
  const { code, kind, message, retryable, details } = parseFields(body);
  return fromCarried({
    code: typeof code === 'string' && CODE.test(code) ? code : 'MALFORMED_ANSWER',
    kind: isErrorKind(kind) ? kind : 'internal',
    message: typeof message === 'string' ? message : 'The service answered with an error that can not be read.',
    retryable: retryable === true,
    details,
  });
}

function parseFields(body: string): Record<string, unknown> {
  try {
    const fields = parseJson(body);
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? fields : {};
  } catch {
    return {};
  }
}
