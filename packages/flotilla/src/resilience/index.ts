export { type Cache, type CacheOptions, createCache } from './cache.ts';
export { parseRate, type Rate } from './rate.ts';
export { createRateLimiter, type RateDecision, type RateLimiter, type RateLimiterOptions } from './rate-limit.ts';
export { createSingleFlight, type SingleFlight } from './single-flight.ts';
export { createRetry, isWorthRetrying, type Retry, type RetryBounds, type RetryOptions } from './retry.ts';
export { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';
