import {
  abortReason,
  type Clock,
  copyJson,
  deadlineExceeded,
  type LinkedSignal,
  linkSignal,
  untilAborted,
  untilLeft,
} from '../kernel/index.ts';
import { carried, fromCarried } from './border.ts';
import type { Call, ItemsHandler } from './call.ts';
import { MAX_DELAY_MS } from './deadline.ts';

export interface CrossingOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Those that are open, so that closing can end them. */
  readonly open: Set<LinkedSignal>;
}

/** Calls a host that answers with items as if it were elsewhere: each is a copy, and time and signal end it whatever the host does. */
export async function crossItems(host: ItemsHandler, call: Call, options: CrossingOptions): Promise<AsyncIterable<unknown>> {
  const { open, signal } = options;
  const { remainingMs } = call.metadata;
  const late = (): Error => deadlineExceeded(`${call.service}.${call.operation}`);
  if (signal.aborted) throw abortReason(signal);
  if (!(remainingMs > 0)) throw late();
  const life = linkSignal(signal);
  const timer = remainingMs <= MAX_DELAY_MS ? options.clock.timer(remainingMs, () => life.abort(late())) : undefined;
  const release = (): void => {
    open.delete(life);
    timer?.[Symbol.dispose]();
    life[Symbol.dispose]();
  };
  open.add(life);
  // Items that nobody begins to read do not end by themselves.
  life.signal.addEventListener('abort', release, { once: true });
  try {
    return copied(await untilAborted(life.signal, host(call, life.signal)), life.signal, release);
  } catch (thrown) {
    release();
    throw crossed(thrown, life.signal);
  }
}

async function* copied(items: AsyncIterable<unknown>, signal: AbortSignal, release: () => void): AsyncGenerator<unknown, void> {
  try {
    for await (const item of untilLeft(items, signal)) yield copyJson(item ?? null);
  } catch (thrown) {
    throw crossed(thrown, signal);
  } finally {
    release();
  }
}

function crossed(thrown: unknown, signal: AbortSignal): Error {
  return signal.aborted ? abortReason(signal) : fromCarried(carried(thrown));
}
