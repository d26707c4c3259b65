import { type Outcome, type Instance, outcomeOf } from '../discovery/index.ts';
import { abortReason, linkSignal, type LinkedSignal } from '../kernel/index.ts';
import type { Attempt } from '../resilience/index.ts';
import type { Call, ItemsHandler } from '../transport/index.ts';
import type { Route } from './route.ts';

/** A stream that was accepted. Its instance is busy with it until `close`, which also ends it. */
export interface OpenStream {
  readonly items: AsyncIterable<unknown>;
  /** With what ended it, unless it came to its end or its reader left. */
  close(thrown?: unknown): void;
}

export interface OpenOptions {
  readonly subscribe: ItemsHandler;
  readonly route: Route | undefined;
  /** For as long as the stream may last. */
  readonly call: Call;
  /** Of the reader. The signal of the try is for the opening only. */
  readonly life: AbortSignal;
}

/** One try to open a stream at the instance that was picked. */
export async function openStream(options: OpenOptions, attempt: Attempt<Instance | undefined>): Promise<OpenStream> {
  const own = linkSignal(options.life);
  const close = holding(options.route, attempt.endpoint, own);
  const giveUp = (): void => own.abort(abortReason(attempt.signal));
  attempt.signal.addEventListener('abort', giveUp, { once: true });
  try {
    const { call } = options;
    const metadata = { ...call.metadata, attempt: attempt.attempt };
    const made = { ...call, metadata, endpoint: attempt.endpoint?.url, bounded: true };
    const items = await options.subscribe(made, own.signal);
    if (attempt.signal.aborted) throw abortReason(attempt.signal);
    return { items, close };
  } catch (thrown) {
    close(thrown);
    throw thrown;
  } finally {
    attempt.signal.removeEventListener('abort', giveUp);
  }
}

/** Counts the stream at its instance until it is closed. */
function holding(route: Route | undefined, instance: Instance | undefined, own: LinkedSignal): OpenStream['close'] {
  const flight = route && instance && route.balancer.begin(instance);
  return (thrown) => {
    const outcome: Outcome = thrown === undefined ? 'success' : outcomeOf(thrown);
    if (flight) route.balancer.end(flight, outcome);
    own.abort(new Error('The stream was closed.'));
    own[Symbol.dispose]();
  };
}
