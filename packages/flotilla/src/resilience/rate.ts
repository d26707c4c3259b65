import { FlotillaError } from '../kernel/index.ts';

/** So many in so long. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

const RATE = /^([1-9]\d{0,9})\/(second|minute|hour|day|s|m|h|d)$/;
const MAX_LIMIT = 1e9;
const WINDOW_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `'1000/hour'`. Throws `INVALID_RATE` for everything but a whole number from 1 to 1e9, a slash and a unit. */
export function parseRate(text: string): Rate {
  const match = RATE.exec(text);
  if (match && Number(match[1]) <= MAX_LIMIT) return { limit: Number(match[1]), windowMs: WINDOW_MS[match[2]![0]!]! };
  throw new FlotillaError('INVALID_RATE', {
    kind: 'invalid',
    message: `'${text}' is not a rate. Write a whole number from 1 to 1e9 and second, minute, hour or day (or s, m, h, d): '1000/hour'.`,
  });
}
