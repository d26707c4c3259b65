import { FlotillaError, isFlotillaError } from '../kernel/index.ts';
import type { Call } from './call.ts';

/** The caller's own mistake, found before anything was sent. */
export function notJson({ service, operation }: Call, cause: unknown): FlotillaError {
  if (isFlotillaError(cause)) return cause;
  const message = `The input of ${service}.${operation} has no JSON form: ${(cause as Error).message}`;
  return new FlotillaError('INPUT_NOT_JSON', { kind: 'invalid', message, cause });
}
