import type { EventMeta } from '../store/index.ts';
import { traceparent } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';

/** How events that some work leads to refer back to it. */
export function originOf(metadata: CallMetadata, causationId: string): Omit<EventMeta, 'key'> {
  const { correlationId, identity, caller, trace } = metadata;
  return { correlationId, causationId, traceparent: traceparent(trace), actor: identity.subject ?? caller.name };
}
