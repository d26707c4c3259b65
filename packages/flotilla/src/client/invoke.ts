import type { Operation } from '../contract/index.ts';
import type { Instance } from '../discovery/index.ts';
import { durationMs, type FlotillaError, isFlotillaError, linkSignal, type Runtime, toFlotillaError } from '../kernel/index.ts';
import type { Attempt, CallContext, Execute } from '../resilience/index.ts';
import { childSpan } from '../telemetry/index.ts';
import { type Call, type CallHandler, type CallMetadata, checkIdempotencyKey } from '../transport/index.ts';
import { markDeclared, markUnsent } from './attempt.ts';
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
  const { clock } = runtime;
  const pick = route && pickFrom(route);
  const createCall = callFactory(operation, runtime);

  const invoke = async (context: CallerContext, signal: AbortSignal, made: Made): Promise<unknown> => {
    const first = createCall(context, made.input, made.options);
    let begun = 0;
    let refused = 0;
    const notice = (thrown: unknown): never => {
      if (isFlotillaError(thrown) && wasNotSent(thrown)) refused += 1;
      throw thrown;
    };
    const tryOnce = (attempt: Attempt<Instance | undefined>): Promise<unknown> => {
      const { endpoint, signal, deadline } = attempt;
      const remainingMs = deadline - clock.monotonic();
      const metadata = { ...first.metadata, remainingMs, attempt: attempt.attempt };
      const made: Call = { ...first, metadata, endpoint: endpoint?.url, bounded: true };
      begun += 1;
      return (endpoint ? tryAt(route!, endpoint, () => call(made, signal)) : call(made, signal)).catch(notice);
    };
    try {
      const { deadline } = context;
      return await execute(tryOnce, { idempotent: true, signal, deadline, pick, ...timesOf(operation, made.options) });
    } catch (thrown) {
      const error = toFlotillaError(thrown);
      if (begun === refused) markUnsent(error);
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

/** The part of a call that all its tries share. */
function callFactory(operation: Operation, { random, ids }: Runtime) {
  const keyOf = (context: CallerContext, given?: string): string | undefined => {
    if (operation.kind === 'query') return undefined;
    if (given !== undefined) return checkIdempotencyKey(given);
    return context.idempotencyKey?.(operation) ?? ids();
  };
  return (
    context: CallerContext,
    input: unknown,
    options?: CallOptions,
  ): Omit<Call, 'metadata'> & { metadata: Omit<CallMetadata, 'remainingMs' | 'attempt'> } => ({
    service: operation.service,
    operation: operation.name,
    input,
    metadata: {
      identity: context.identity,
      caller: context.caller,
      trace: childSpan(context.trace, random),
      correlationId: context.correlationId,
      idempotencyKey: keyOf(context, options?.idempotencyKey),
    },
  });
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
