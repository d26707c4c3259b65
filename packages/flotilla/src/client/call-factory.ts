import type { Operation } from '../contract/index.ts';
import type { Instance } from '../discovery/index.ts';
import type { Runtime } from '../kernel/index.ts';
import type { Attempt } from '../resilience/index.ts';
import { childSpan } from '../telemetry/index.ts';
import { type Call, type CallMetadata, checkIdempotencyKey } from '../transport/index.ts';
import type { CallOptions } from './client.ts';
import type { CallerContext } from './context.ts';

/** Makes what a try sends. */
export type CallAt = (attempt: Pick<Attempt<Instance | undefined>, 'attempt' | 'startedAt' | 'deadline' | 'endpoint'>) => Call;
export type CallFactory = (context: CallerContext, input: unknown, options?: CallOptions) => CallAt;

/** All tries of a call share identity, key and span; each has a number and what is left of the time. */
export function callFactory(operation: Operation, { random, ids }: Pick<Runtime, 'random' | 'ids'>): CallFactory {
  const { service, name } = operation;
  const keyOf = (context: CallerContext, given?: string): string | undefined => {
    if (operation.kind !== 'command') return undefined;
    if (given !== undefined) return checkIdempotencyKey(given);
    return context.idempotencyKey?.(operation) ?? ids();
  };
  return (context, input, options) => {
    const { identity, caller, correlationId } = context;
    const trace = childSpan(context.trace, random);
    const idempotencyKey = keyOf(context, options?.idempotencyKey);
    return ({ attempt, startedAt, deadline, endpoint }) => {
      const remainingMs = deadline - startedAt;
      const metadata: CallMetadata = { identity, caller, trace, correlationId, remainingMs, idempotencyKey, attempt };
      return { service, operation: name, input, metadata, endpoint: endpoint?.url, bounded: true };
    };
  };
}
