import type { Operation } from '../contract/index.ts';
import type { Instance } from '../discovery/index.ts';
import {
  abortReason,
  type Clock,
  deadlineExceeded,
  durationMs,
  leavable,
  type LinkedSignal,
  linkSignal,
  type Runtime,
  toFlotillaError,
  withTimeout,
} from '../kernel/index.ts';
import type { Attempt, Execute } from '../resilience/index.ts';
import type { ItemsHandler } from '../transport/index.ts';
import { markDeclared } from './attempt.ts';
import { callFactory } from './call-factory.ts';
import type { StreamOptions, Telling } from './client.ts';
import type { CallerContext } from './context.ts';
import { type OpenStream, openStream } from './open-stream.ts';
import { pickFrom, type Route } from './route.ts';

/** Asks for one stream with everything that belongs to it. */
export type Tell = (context: CallerContext, input: unknown, options?: StreamOptions) => Telling<unknown, unknown>;

export interface TellOptions {
  readonly subscribe: ItemsHandler;
  readonly runtime: Runtime;
  /** Opens a stream under the operation's policy. */
  readonly execute: Execute;
  /** Undefined for a service that the transport finds by itself. */
  readonly route: Route | undefined;
}

interface Asked extends StreamOptions {
  readonly context: CallerContext;
  readonly input: unknown;
}

/**
 * Reads the streams of one operation. The policy is for opening one: its tries end when the stream is accepted, and nothing is tried
 * again after that, because the reader may have seen items already.
 */
export function createTell(operation: Operation, { subscribe, runtime, execute, route }: TellOptions): Tell {
  const { clock } = runtime;
  const createCall = callFactory(operation, runtime);
  const pick = route && pickFrom(route);

  const open = async ({ context, input }: Asked, life: AbortSignal, deadline: number): Promise<OpenStream> => {
    const call = createCall(context, input)({ attempt: 1, startedAt: clock.monotonic(), endpoint: undefined, deadline });
    const tryOnce = (attempt: Attempt<Instance | undefined>): Promise<OpenStream> =>
      openStream({ subscribe, route, call, life }, attempt);
    return await execute(tryOnce, { idempotent: true, signal: life, deadline, pick });
  };

  async function* read(life: LinkedSignal, asked: Asked): AsyncGenerator<unknown, void> {
    const { context, timeout } = asked;
    const deadline = Math.min(
      context.deadline ?? Infinity,
      clock.monotonic() + (timeout === undefined ? Infinity : durationMs(timeout)),
    );
    using _bounds = bound(life, { signal: asked.signal, clock, deadline, what: operation.id });
    try {
      yield* paced(operation, clock, await open(asked, life.signal, deadline));
    } catch (thrown) {
      const error = toFlotillaError(life.signal.aborted ? abortReason(life.signal) : thrown);
      throw Object.hasOwn(operation.errors, error.code) ? markDeclared(error) : error;
    }
  }

  return (context, input, options) =>
    onceRead(() => {
      const life = linkSignal(context.signal);
      return leavable(life, read(life, { ...options, context, input }));
    });
}

/** The items, each waited for no longer than the contract says. Whatever ends this closes the stream. */
async function* paced(operation: Operation, clock: Clock, stream: OpenStream): AsyncGenerator<unknown, void> {
  const iterator = stream.items[Symbol.asyncIterator]();
  const { timeoutMs } = operation;
  const onTimeout = () => deadlineExceeded(`The wait for an item of ${operation.id}`);
  let failure: unknown;
  try {
    for (;;) {
      const next = await (timeoutMs === undefined
        ? iterator.next()
        : withTimeout({ clock, timeoutMs, onTimeout }, () => iterator.next()));
      if (next.done === true) return;
      yield next.value;
    }
  } catch (thrown) {
    failure = thrown;
    throw thrown;
  } finally {
    stream.close(failure);
  }
}

interface Bounds {
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  readonly deadline: number;
  readonly what: string;
}

/** Ends the stream with a signal of its own, and when its time is up. */
function bound(life: LinkedSignal, { signal, clock, deadline, what }: Bounds): Disposable {
  const leave = (): void => life.abort(abortReason(signal!));
  if (signal?.aborted) leave();
  else signal?.addEventListener('abort', leave, { once: true });
  const late = (): void => life.abort(deadlineExceeded(what));
  const timer = deadline === Infinity ? undefined : clock.timer(deadline - clock.monotonic(), late);
  return {
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]();
      signal?.removeEventListener('abort', leave);
    },
  };
}

/** Nothing is asked for before somebody reads. */
function onceRead(begin: () => AsyncIterableIterator<unknown, void>): AsyncIterableIterator<unknown, void> {
  let begun: AsyncIterableIterator<unknown, void> | undefined;
  let isLeft = false;
  return {
    next: async () => (isLeft && !begun ? { done: true, value: undefined } : await (begun ??= begin()).next()),
    return: async () => {
      isLeft = true;
      return (await begun?.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
