/** What went wrong, in the terms a caller can act on. HTTP numbers exist only in `transport/http/status.ts`. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'exhausted'
  | 'unavailable'
  | 'timeout'
  | 'cancelled'
  | 'internal';

export interface ErrorOptions {
  kind: ErrorKind;
  message: string;
  /** True when the same call may succeed later without a change. Defaults to true for unavailable, timeout and exhausted. */
  retryable?: boolean;
  /** Facts for the caller. They cross process borders as JSON, so they hold no secrets. */
  details?: unknown;
  cause?: unknown;
}

const BRAND: unique symbol = Symbol.for('flotilla.error') as never;
const RETRYABLE: ReadonlySet<ErrorKind> = new Set(['unavailable', 'timeout', 'exhausted']);

/**
 * The one error base. `code` is a stable literal listed in `docs/errors.md`; everything a caller decides on is data,
 * so an error means the same after it crossed a process border.
 */
export class FlotillaError<TCode extends string = string> extends Error {
  readonly code: TCode;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly details: unknown;
  readonly [BRAND] = true;

  constructor(code: TCode, options: ErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FlotillaError';
    this.code = code;
    this.kind = options.kind;
    this.retryable = options.retryable ?? RETRYABLE.has(options.kind);
    this.details = options.details;
  }
}

/** Recognises a Flotilla error by symbol, so two copies of the library in one process still understand each other. */
export function isFlotillaError(value: unknown): value is FlotillaError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

/**
 * Makes a Flotilla error of anything thrown. An unknown failure becomes `INTERNAL`: its message stays in `cause` for the
 * log and never reaches a caller.
 */
export function toFlotillaError(thrown: unknown): FlotillaError {
  if (isFlotillaError(thrown)) return thrown;
  return new FlotillaError('INTERNAL', { kind: 'internal', message: 'The operation failed unexpectedly.', cause: thrown });
}
