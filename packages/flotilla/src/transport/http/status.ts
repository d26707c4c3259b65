import type { ErrorKind, FlotillaError } from '../../kernel/index.ts';

/** The one place where kinds of failure meet HTTP numbers. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  exhausted: 429,
  unavailable: 503,
  timeout: 504,
  cancelled: 499,
  internal: 500,
};

/** Codes for which HTTP has a more exact number than their kind's. */
const STATUS_OF_CODE: ReadonlyMap<string, number> = new Map([
  ['METHOD_NOT_ALLOWED', 405],
  ['REQUEST_TIMEOUT', 408],
  ['BODY_TOO_LARGE', 413],
  ['URI_TOO_LONG', 414],
  ['UNSUPPORTED_MEDIA_TYPE', 415],
  ['EXPECTATION_FAILED', 417],
  ['IDEMPOTENCY_KEY_REUSED', 422],
  ['HEADERS_TOO_LARGE', 431],
]);

/** For answers of servers that know nothing of our kinds. */
const KIND_OF_STATUS: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [408, 'timeout'],
  [409, 'conflict'],
  [410, 'not-found'],
  [412, 'conflict'],
  [429, 'exhausted'],
  [499, 'cancelled'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'timeout'],
]);

export function statusOf(error: Pick<FlotillaError, 'code' | 'kind'>): number {
  return STATUS_OF_CODE.get(error.code) ?? STATUS_OF_KIND[error.kind];
}

/** What a foreign server's status means; anything below 400 that should not have come is its fault, so internal. */
export function kindOfStatus(status: number): ErrorKind {
  return KIND_OF_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'invalid' : 'internal');
}

export function isErrorKind(value: unknown): value is ErrorKind {
  return typeof value === 'string' && Object.hasOwn(STATUS_OF_KIND, value);
}
