import { abortReason, isFlotillaError, jittered, type Runtime, sleep } from 'flotilla/kernel';
import type { Logger } from 'flotilla/telemetry';
import { describe, systemAddress } from '../store/address.ts';
import { dataUnavailable, sqlState } from '../store/failure.ts';

const PAUSE_MS = 1_000;
const REMINDER_MS = 30_000;
/** Starting, stopping, or without a free connection: in a moment it may be otherwise. */
const PASSING = /^(08|57P0[123]|53300)/;

export interface ReachOptions {
  readonly url: string;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** Tries again for as long as the server is away, and says so. Rejects with `DATA_UNAVAILABLE` when waiting is vain. */
export async function untilReached<TResult>(
  { url, signal, runtime, log }: ReachOptions,
  work: () => Promise<TResult>,
): Promise<TResult> {
  const { clock, random } = runtime;
  let toldAt = -Infinity;
  for (;;) {
    if (signal.aborted) throw abortReason(signal);
    try {
      const result = await work();
      if (toldAt > -Infinity) log.info({ store: describe(url) }, 'the database is there');
      return result;
    } catch (error) {
      if (!isPassing(error)) throw isFlotillaError(error) ? error : dataUnavailable(systemAddress(url).description, error);
      if (clock.monotonic() - toldAt >= REMINDER_MS) {
        toldAt = clock.monotonic();
        log.warn({ store: describe(url), err: error }, 'the database is away; waiting until it is there');
      }
    }
    await sleep(clock, jittered(random, PAUSE_MS), signal);
  }
}

function isPassing(error: unknown): boolean {
  // What the driver could not open has its reason as its cause.
  if (isFlotillaError(error)) return error.cause !== undefined && isPassing(error.cause);
  const state = sqlState(error);
  return state === undefined ? error instanceof Error : PASSING.test(state);
}
