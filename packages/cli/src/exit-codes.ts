import { toFlotillaError } from 'flotilla/kernel';

/** What scripts can trust. */
export const EXIT = {
  good: 0,
  /** What was asked for failed. */
  failed: 1,
  /** The command was written wrongly; nothing was done. */
  usage: 2,
  /** There is no running system to talk to. */
  notRunning: 3,
} as const;

/** The exit code that an error means. */
export function exitCodeOf(error: unknown): number {
  const { code } = toFlotillaError(error);
  if (code === 'WRONG_USAGE') return EXIT.usage;
  return code === 'SYSTEM_NOT_RUNNING' ? EXIT.notRunning : EXIT.failed;
}
