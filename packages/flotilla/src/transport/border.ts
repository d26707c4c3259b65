import { copyJson, type ErrorKind, FlotillaError, toFlotillaError } from '../kernel/index.ts';

/** The only message an internal failure shows outside its process: the real one could name hosts, queries or secrets. */
export const OPAQUE_MESSAGE = 'The operation failed unexpectedly.';

/** What of an error crosses a border between services, whatever carries it. */
export interface CarriedError {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly retryable: boolean;
  readonly details: unknown;
}

/** Reduces anything thrown to what may be told to the other side: no stack, no cause, and nothing but a code when it is internal. */
export function carried(thrown: unknown): CarriedError {
  const { code, kind, message, retryable, details } = toFlotillaError(thrown);
  if (kind === 'internal') return { code, kind, message: OPAQUE_MESSAGE, retryable, details: undefined };
  return { code, kind, message, retryable, details: copyDetails(details) };
}

/** The error as the other side sees it. */
export function fromCarried({ code, ...options }: CarriedError): FlotillaError {
  return new FlotillaError(code, options);
}

function copyDetails(details: unknown): unknown {
  try {
    return copyJson(details);
  } catch {
    // An error must arrive even when its details have no JSON form.
    return undefined;
  }
}
