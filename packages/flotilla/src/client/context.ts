import type { Operation } from '../contract/index.ts';
import type { Caller, Identity } from '../security/index.ts';
import type { TraceContext } from '../telemetry/index.ts';

/** On whose behalf and within which bounds calls are made: the work at hand of whoever calls. */
export interface CallerContext {
  readonly identity: Identity;
  /** Who calls: `{ internal: true, name: 'service:orders' }`. */
  readonly caller: Caller;
  /** Every call becomes a child span of it. */
  readonly trace: TraceContext;
  readonly correlationId: string;
  /** Ends every call when it aborts. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds of the runtime's clock by which the caller itself must be done. */
  readonly deadline?: number | undefined;
  /** Gives a command its key where the caller repeats work under the same keys, as a saga step does. */
  readonly idempotencyKey?: ((operation: Operation) => string) | undefined;
}
