import type { Operation } from '../contract/index.ts';
import type { Instance } from '../discovery/index.ts';
import { durationMs, type FlotillaError, isFlotillaError, linkSignal, type Runtime, toFlotillaError } from '../kernel/index.ts';
import type { Attempt, CallContext, Execute } from '../resilience/index.ts';
import type { CallHandler } from '../transport/index.ts';
import { asUnsent, markDeclared } from './attempt.ts';
import { callFactory } from './call-factory.ts';
import type { CallOptions } from './client.ts';
import type { CallerContext } from './context.ts';
import { pickFrom, type Route, tryAt } from './route.ts';

/** Makes one call of one operation with everything that belongs to it. */
export type Invoke = (context: CallerContext, input: unknown, options?: CallOptions) => Promise<unknown>;

export interface InvokeOptions {
  readonly call: CallHandler;
  readonly runtime: Runtime;
  /** Runs a call under the operation's policy. */
  readonly execute: Execute;
  /** Undefined for a service that the transport finds by itself. */
  readonly route: Route | undefined;
}

/**
 * Makes the calls of one operation. Every call may be repeated, because queries change nothing and every command carries an
 * idempotency key that is the same for all its tries.
 */
export function createInvoke(operation: Operation, { call, runtime, execute, route }: InvokeOptions): Invoke {
  const pick = route && pickFrom(route);
  const createCall = callFactory(operation, runtime);

  const invoke = async (context: CallerContext, signal: AbortSignal, made: Made): Promise<unknown> => {
    const callAt = createCall(context, made.input, made.options);
    let begun = 0;
    let refused = 0;
    const onTryFailed = (thrown: unknown): void => {
      if (isFlotillaError(thrown) && wasNotSent(thrown)) refused += 1;
    };
    const tryOnce = (attempt: Attempt<Instance | undefined>): Promise<unknown> => {
      const { endpoint, signal } = attempt;
      const one = callAt(attempt);
      begun += 1;
      return endpoint ? tryAt(route!, endpoint, () => call(one, signal)) : call(one, signal);
    };
    const { deadline } = context;
    const { totalTimeoutMs, attemptTimeoutMs } = timesOf(operation, made.options);
    try {
      return await execute(tryOnce, { idempotent: true, signal, deadline, pick, totalTimeoutMs, attemptTimeoutMs, onTryFailed });
    } catch (thrown) {
      const failure = toFlotillaError(thrown);
      const error = begun === refused ? asUnsent(failure) : failure;
      throw Object.hasOwn(operation.errors, error.code) ? markDeclared(error) : error;
    }
  };

  const invokeUnderBoth = async (context: CallerContext, own: AbortSignal, made: Made): Promise<unknown> => {
    using both = linkBoth(context.signal, own);
    return await invoke(context, both.signal, made);
  };
  return (context, input, options) => {
    const made = { input, options };
    if (options?.signal === undefined) return invoke(context, context.signal, made);
    return invokeUnderBoth(context, options.signal, made);
  };
}

/** What a transport says of a call that it could not send. Hosts let no such detail of their own calls out. */
function wasNotSent({ details }: FlotillaError): boolean {
  return typeof details === 'object' && details !== null && (details as { sent?: unknown }).sent === false;
}

interface Made {
  readonly input: unknown;
  readonly options: CallOptions | undefined;
}

/** A timeout given for a call is for all its tries; it also stretches a single try unless the contract bounds that. */
function timesOf({ timeoutMs }: Operation, options?: CallOptions): Pick<CallContext, 'attemptTimeoutMs' | 'totalTimeoutMs'> {
  if (options?.timeout === undefined) return {};
  const totalTimeoutMs = durationMs(options.timeout);
  return { totalTimeoutMs, attemptTimeoutMs: timeoutMs ?? totalTimeoutMs };
}

/** A signal that aborts with either of two. */
function linkBoth(one: AbortSignal, other: AbortSignal): Disposable & { signal: AbortSignal } {
  const first = linkSignal(one);
  const second = linkSignal(other);
  const follow = (): void => first.abort(second.signal.reason as Error);
  if (second.signal.aborted) follow();
  else second.signal.addEventListener('abort', follow, { once: true });
  return {
    signal: first.signal,
    [Symbol.dispose]: () => {
      first[Symbol.dispose]();
      second[Symbol.dispose]();
    },
  };
}
