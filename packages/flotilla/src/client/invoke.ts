import type { Operation } from '../contract/index.ts';
import { durationMs, linkSignal, type Runtime, toFlotillaError } from '../kernel/index.ts';
import type { Retry } from '../resilience/index.ts';
import { childSpan } from '../telemetry/index.ts';
import { type Call, type CallHandler, type CallMetadata, checkIdempotencyKey } from '../transport/index.ts';
import { markDeclared } from './attempt.ts';
import type { CallOptions } from './client.ts';
import type { CallerContext } from './context.ts';
import type { ResolvedPolicy } from './policy.ts';

/** Makes one call of one operation with everything that belongs to it. */
export type Invoke = (context: CallerContext, input: unknown, options?: CallOptions) => Promise<unknown>;

export interface InvokeOptions {
  readonly call: CallHandler;
  readonly runtime: Runtime;
  readonly policy: ResolvedPolicy;
  /** Shared by all operations of one service, so that its budget is that of the service. */
  readonly retry: Retry;
}

/**
 * Composes the pipeline of an operation once: total deadline, then retries, then the time for one try, then the call. A retry
 * is always safe here, because queries change nothing and every command carries an idempotency key.
 */
export function createInvoke(operation: Operation, { call, runtime, policy, retry }: InvokeOptions): Invoke {
  const { clock } = runtime;
  const createCall = callFactory(operation, runtime);

  return async (context, input, options) => {
    const limits = limitsOf(operation, policy, options);
    const deadline = Math.min(clock.monotonic() + limits.totalMs, context.deadline ?? Infinity);
    const first = createCall(context, input, options);
    const attemptOnce = (attempt: number, signal: AbortSignal): Promise<unknown> => {
      const remainingMs = Math.min(limits.attemptMs, deadline - clock.monotonic());
      return call({ ...first, metadata: { ...first.metadata, remainingMs, attempt } }, signal);
    };
    try {
      if (options?.signal === undefined) {
        return await retry((attempt) => attemptOnce(attempt, context.signal), { signal: context.signal, deadline });
      }
      using both = linkBoth(context.signal, options.signal);
      return await retry((attempt) => attemptOnce(attempt, both.signal), { signal: both.signal, deadline });
    } catch (thrown) {
      const error = toFlotillaError(thrown);
      throw Object.hasOwn(operation.errors, error.code) ? markDeclared(error) : error;
    }
  };
}

/** A timeout given for a call is for all its tries; it also stretches a single try unless the contract bounds that. */
function limitsOf(
  { timeoutMs }: Operation,
  policy: ResolvedPolicy,
  options?: CallOptions,
): { attemptMs: number; totalMs: number } {
  if (options?.timeout !== undefined) {
    const totalMs = durationMs(options.timeout);
    return { attemptMs: timeoutMs ?? totalMs, totalMs };
  }
  const attemptMs = timeoutMs ?? policy.attemptTimeoutMs;
  return { attemptMs, totalMs: attemptMs * policy.attempts };
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
