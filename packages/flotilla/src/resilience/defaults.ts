import type { ErrorKind } from '../kernel/index.ts';
import type {
  AdaptivePolicy,
  BreakerPolicy,
  BudgetPolicy,
  BulkheadPolicy,
  HedgePolicy,
  RetryPolicy,
  TimeoutPolicy,
} from './policy.ts';

/** The kinds that speak against what was called. A refusal such as not-found proves that it is alive. */
const FAILURE_KINDS: readonly ErrorKind[] = ['unavailable', 'timeout', 'internal'];

interface Defaults {
  readonly timeout: Required<TimeoutPolicy>;
  readonly retry: Required<RetryPolicy>;
  readonly hedge: Required<HedgePolicy>;
  readonly budget: Required<BudgetPolicy>;
  readonly breaker: Required<BreakerPolicy>;
  readonly bulkhead: Required<BulkheadPolicy>;
  readonly adaptive: Required<AdaptivePolicy>;
}

/** What each setting of a stage is unless its policy says. */
export const DEFAULTS: Defaults = {
  timeout: { attempt: '5s', total: '15s' },
  retry: { attempts: 3, delay: '50ms', maxDelay: '1s' },
  hedge: { delay: 'p95', attempts: 2 },
  budget: { ratio: 0.2, floorPerSecond: 10 },
  breaker: {
    failureRatio: 0.5,
    minimumCalls: 20,
    window: '10s',
    openFor: '10s',
    maxOpenFor: '60s',
    probes: 3,
    maxProbing: '30s',
    failureKinds: FAILURE_KINDS,
  },
  bulkhead: { limit: 100, queue: 0 },
  adaptive: { start: 20, min: 4, max: 1_000 },
};
