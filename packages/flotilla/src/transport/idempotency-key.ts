import { FlotillaError } from '../kernel/index.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Returns the key. Throws `INVALID_IDEMPOTENCY_KEY` for one that could not travel in a header. */
export function checkIdempotencyKey(key: string): string {
  if (IDEMPOTENCY_KEY.test(key)) return key;
  const message = 'An idempotency key is 1 to 255 visible ASCII characters without spaces.';
  throw new FlotillaError('INVALID_IDEMPOTENCY_KEY', { kind: 'invalid', message });
}
