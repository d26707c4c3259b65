import { isFlotillaError, type TimerWheel } from '../kernel/index.ts';
import type { AdaptiveLimit } from './adaptive-limit.ts';
import { begin } from './begin.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { Call, Stage } from './call.ts';
import type { LoadShedder } from './load-shedder.ts';

/** Keeps out what this process should not begin. */
export function shedding(next: Stage, shedder: LoadShedder): Stage {
  return (call) =>
    begin(() => {
      shedder.admit(call.context.priority);
      return next(call);
    });
}

/** One place for each call, from its first try to its last. */
export function limiting(next: Stage, bulkhead: Bulkhead, wheel: TimerWheel): Stage {
  const leave = (value: unknown): unknown => {
    bulkhead.leave();
    return value;
  };
  const leaveFailed = (thrown: unknown): never => {
    bulkhead.leave();
    throw thrown;
  };
  return entering(bulkhead, wheel, (call) => next(call).then(leave, leaveFailed));
}

export interface Adapted {
  readonly bulkhead: Bulkhead;
  readonly limit: AdaptiveLimit;
  /** False once a reload put something else in its place. */
  readonly isInForce: () => boolean;
}

/** The same with a limit that learns from each call. */
export function adapting(next: Stage, { bulkhead, limit, isInForce }: Adapted, wheel: TimerWheel): Stage {
  const leave = (call: Call, overloaded: boolean): void => {
    const sample = { startedAt: call.now, endedAt: wheel.read(), running: bulkhead.running, overloaded };
    // A caller who left tells nothing about how long it would have taken.
    if (!call.signal?.aborted) limit.record(sample);
    if (isInForce()) bulkhead.resize(limit.limit);
    bulkhead.leave();
  };
  return entering(bulkhead, wheel, async (call) => {
    let overloaded = false;
    try {
      return await next(call);
    } catch (thrown) {
      overloaded = meansOverload(thrown);
      throw thrown;
    } finally {
      leave(call, overloaded);
    }
  });
}

function entering(bulkhead: Bulkhead, wheel: TimerWheel, inside: Stage): Stage {
  return (call) => {
    const turn = bulkhead.enter(call);
    if (turn === undefined) return inside(call);
    return turn.then(() => {
      call.now = wheel.read();
      return inside(call);
    });
  };
}

function meansOverload(thrown: unknown): boolean {
  return isFlotillaError(thrown) && (thrown.kind === 'timeout' || thrown.kind === 'unavailable' || thrown.kind === 'exhausted');
}
