import { abortReason, type Clock, deadlineExceeded, type FlotillaError, withTimeout } from '../kernel/index.ts';
import type { Call } from './call.ts';

/** The longest delay a Node timer takes; anything longer would fire at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Runs one call within the time its metadata leaves it. When time is up or the caller goes away the work's signal aborts and
 * the result rejects at once. Every transport and every HTTP face does this, so hosts need no timers of their own.
 */
export async function withinDeadline<TResult>(
  clock: Clock,
  { call, signal }: { call: Call; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<TResult>,
): Promise<TResult> {
  const expired = (): FlotillaError => deadlineExceeded(`${call.service}.${call.operation}`);
  const { remainingMs } = call.metadata;
  if (signal.aborted) throw abortReason(signal);
  if (!(remainingMs > 0)) throw expired();
  return await withTimeout({ clock, signal, timeoutMs: Math.min(remainingMs, MAX_DELAY_MS), onTimeout: expired }, work);
}
