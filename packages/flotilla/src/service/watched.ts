import { type Clock, type FlotillaError, toFlotillaError } from '../kernel/index.ts';
import type { LoadShedder, Priority } from '../resilience/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';

export interface WatchOptions {
  readonly metrics: Metrics;
  readonly shedder: LoadShedder | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answers calls, and knows how that goes. */
export interface Watched {
  readonly call: CallHandler;
  /** Calls that are being answered now. */
  readonly inFlight: () => number;
}

/** Refuses what the process can't take, counts the rest, and shows the log those failures that callers must not see in full. */
export function watched(answer: CallHandler, { metrics, shedder, clock, log }: WatchOptions): Watched {
  let inFlight = 0;
  const call: CallHandler = async (asked, signal) => {
    // Who looks how things are going is no part of it.
    if (asked.operation === '$vitals') return await answer(asked, signal);
    shedder?.admit(priorityOf(asked));
    const startedAt = clock.monotonic();
    inFlight += 1;
    try {
      const output = await answer(asked, signal);
      metrics.record(asked.operation, clock.monotonic() - startedAt, 'ok');
      return output;
    } catch (thrown) {
      const error = toFlotillaError(thrown);
      metrics.record(asked.operation, clock.monotonic() - startedAt, error.kind);
      if (error.kind === 'internal') report(log, asked, error);
      throw error;
    } finally {
      inFlight -= 1;
    }
  };
  return { call, inFlight: () => inFlight };
}

/** What has begun inside the system is finished before outsiders begin something new; whoever looks after it is always let in. */
function priorityOf({ operation, metadata }: Call): Priority {
  if (operation.startsWith('$')) return 'health';
  return metadata.caller.internal ? 'high' : 'normal';
}

function report(log: Logger, { operation, metadata }: Call, error: FlotillaError): void {
  const { correlationId, trace } = metadata;
  log.error({ err: error.cause ?? error, operation, correlationId, traceId: trace.traceId }, error.message);
}
