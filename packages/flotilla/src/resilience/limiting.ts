import { isFlotillaError, type TimerWheel } from '../kernel/index.ts';
import type { AdaptiveLimit } from './adaptive-limit.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { Call, Stage } from './call.ts';
import type { LoadShedder } from './load-shedder.ts';

/** Keeps out what this process should not begin. */
export function shedding(next: Stage, shedder: LoadShedder): Stage {
  return async (call) => {
    shedder.admit(call.context.priority);
    return await next(call);
  };
}

/** One place for each call, from its first try to its last. */
export function limiting(next: Stage, bulkhead: Bulkhead, wheel: TimerWheel): Stage {
  return async (call) => {
    const turn = bulkhead.enter(call);
    if (turn !== undefined) await waitFor(turn, call, wheel);
    try {
      return await next(call);
    } finally {
      bulkhead.leave();
    }
  };
}

/** The same with a limit that learns from each call. */
export function adapting(
  next: Stage,
  { bulkhead, limit, wheel }: { bulkhead: Bulkhead; limit: AdaptiveLimit; wheel: TimerWheel },
): Stage {
  return async (call) => {
    const turn = bulkhead.enter(call);
    if (turn !== undefined) await waitFor(turn, call, wheel);
    let overloaded = false;
    try {
      return await next(call);
    } catch (thrown) {
      overloaded = meansOverload(thrown);
      throw thrown;
    } finally {
      const sample = { startedAt: call.now, endedAt: wheel.read(), running: bulkhead.running, overloaded };
      if (!call.signal?.aborted) limit.record(sample);
      bulkhead.leave();
      bulkhead.resize(limit.limit);
    }
  };
}

async function waitFor(turn: Promise<void>, call: Call, wheel: TimerWheel): Promise<void> {
  await turn;
  call.now = wheel.read();
}

function meansOverload(thrown: unknown): boolean {
  return isFlotillaError(thrown) && (thrown.kind === 'timeout' || thrown.kind === 'unavailable' || thrown.kind === 'exhausted');
}
