export { AdaptiveLimit, createAdaptiveLimit, type LimitSample } from './adaptive-limit.ts';
export { Breaker, type BreakerChange, type BreakerOptions, type BreakerState, createBreaker, type Permit } from './breaker.ts';
export { Bulkhead, type BulkheadOptions, createBulkhead } from './bulkhead.ts';
export { type Cache, type CacheOptions, createCache } from './cache.ts';
export type { Attempt, CallContext, Work } from './call.ts';
export { type ExplainedSetting, explainPolicy, type PolicyLayer } from './explain.ts';
export { openEventLoopProbe } from './event-loop-probe.ts';
export {
  createLoadShedder,
  type EventLoopProbe,
  type LoadShedder,
  type LoadShedderOptions,
  type Priority,
} from './load-shedder.ts';
export { type Outcome, outcomeOf } from './outcome.ts';
export { createPipeline, type Execute, type Pipeline, type PipelineOptions } from './pipeline.ts';
export {
  type AdaptivePolicy,
  type BreakerPolicy,
  type BudgetPolicy,
  type BulkheadPolicy,
  type CallPolicy,
  type Fallback,
  type HedgePolicy,
  mergePolicies,
  type Policy,
  type RetryPolicy,
  standardPolicy,
  type TimeoutPolicy,
} from './policy.ts';
export { parseRate, type Rate } from './rate.ts';
export { createRateLimiter, type RateDecision, type RateLimiter, type RateLimiterOptions } from './rate-limit.ts';
export { createSingleFlight, type SingleFlight } from './single-flight.ts';
export { createRetry, isWorthRetrying, type Retry, type RetryBounds, type RetryOptions } from './retry.ts';
export { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
export {
  type AdaptiveSettings,
  type BreakerSettings,
  type BudgetSettings,
  type BulkheadSettings,
  type HedgeSettings,
  resolvePolicy,
  type RetrySettings,
  type Settings,
  type TimeoutSettings,
} from './settings.ts';
export type { WaitBounds } from './turn.ts';
export type { PipelineCounts, PipelineState, UpstreamOptions } from './upstream.ts';
