import { type Duration, durationMs } from '../kernel/index.ts';

/** How calls to other services are made. */
export interface ClientPolicy {
  /** Tries in all; 3 unless said. */
  attempts?: number;
  /** For one try of an operation whose contract names no timeout; 5 s unless said. */
  attemptTimeout?: Duration;
  /** The longest first pause before a retry; 50 ms unless said. */
  retryDelay?: Duration;
  /** No pause is longer, except one that the service asked for; 1 s unless said. */
  maxRetryDelay?: Duration;
}

/** The policy with its defaults, in milliseconds. */
export interface ResolvedPolicy {
  readonly attempts: number;
  readonly attemptTimeoutMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export function resolvePolicy(policy: ClientPolicy = {}): ResolvedPolicy {
  return {
    attempts: policy.attempts ?? 3,
    attemptTimeoutMs: durationMs(policy.attemptTimeout ?? '5s'),
    baseDelayMs: durationMs(policy.retryDelay ?? '50ms'),
    maxDelayMs: durationMs(policy.maxRetryDelay ?? '1s'),
  };
}
