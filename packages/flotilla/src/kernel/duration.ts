import { FlotillaError } from './errors.ts';

/** A length of time: milliseconds as a number, or text such as `'500ms'`, `'2s'`, `'5m'`, `'1h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration. Throws `INVALID_DURATION` for anything that is not finite and at least zero. */
export function durationMs(duration: Duration | string): number {
  if (typeof duration === 'number') {
    if (Number.isFinite(duration) && duration >= 0) return duration;
  } else {
    const match = PATTERN.exec(duration);
    if (match) return Number(match[1]) * UNIT_MS[match[2]!]!;
  }
  throw new FlotillaError('INVALID_DURATION', {
    kind: 'invalid',
    message: `'${duration}' is not a duration. Write a number of milliseconds, or a number with ms, s, m, h or d: '500ms'.`,
  });
}
