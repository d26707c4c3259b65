import { type Clock, type FlotillaError, toFlotillaError } from '../kernel/index.ts';
import type { LoadShedder, Priority } from '../resilience/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { Call, CallHandler, ItemsHandler } from '../transport/index.ts';

export interface WatchOptions {
  readonly metrics: Metrics;
  readonly shedder: LoadShedder | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answers calls, and knows how that goes. */
export interface Watched {
  readonly call: CallHandler;
  readonly subscribe: ItemsHandler;
  /** Calls that are being answered now. */
  readonly inFlight: () => number;
}

/** Refuses what the process can't take, counts the rest, and shows the log those failures that callers must not see in full. */
export function watched(answers: Pick<Watched, 'call' | 'subscribe'>, { metrics, shedder, clock, log }: WatchOptions): Watched {
  let inFlight = 0;
  const failed = (asked: Call, begunAt: number, thrown: unknown): FlotillaError => {
    const error = toFlotillaError(thrown);
    metrics.record(asked.operation, begunAt, error.kind);
    if (error.kind === 'internal') report(log, asked, error);
    return error;
  };
  const call: CallHandler = async (asked, signal) => {
    // Who looks how things are going is no part of it.
    if (asked.operation === '$vitals') return await answers.call(asked, signal);
    shedder?.admit(priorityOf(asked));
    const begunAt = clock.monotonic();
    inFlight += 1;
    try {
      const output = await answers.call(asked, signal);
      metrics.record(asked.operation, begunAt, 'ok');
      return output;
    } catch (thrown) {
      throw failed(asked, begunAt, thrown);
    } finally {
      inFlight -= 1;
    }
  };
  /** Counted when it is accepted, with the time that took, and once more when it fails later; in flight until it ends. */
  const subscribe: ItemsHandler = async (asked, signal) => {
    shedder?.admit(priorityOf(asked));
    const begunAt = clock.monotonic();
    let isOver = false;
    const end = (): void => {
      if (!isOver) inFlight -= 1;
      isOver = true;
    };
    inFlight += 1;
    try {
      const items = await answers.subscribe(asked, signal);
      metrics.record(asked.operation, begunAt, 'ok');
      // Items that nobody begins to read do not end by themselves.
      signal.addEventListener('abort', end, { once: true });
      return untilTheirEnd(items, (thrown) => {
        end();
        return thrown === undefined || signal.aborted ? undefined : failed(asked, clock.monotonic(), thrown);
      });
    } catch (thrown) {
      end();
      throw failed(asked, begunAt, thrown);
    }
  };
  return { call, subscribe, inFlight: () => inFlight };
}

async function* untilTheirEnd(
  items: AsyncIterable<unknown>,
  ended: (thrown?: unknown) => FlotillaError | undefined,
): AsyncGenerator<unknown, void> {
  try {
    yield* items;
  } catch (thrown) {
    throw ended(thrown) ?? thrown;
  } finally {
    ended();
  }
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
