export { type Cache, type CacheOptions, createCache } from './cache.ts';
export { parseRate, type Rate } from './rate.ts';
export { createRateLimiter, type RateDecision, type RateLimiter, type RateLimiterOptions } from './rate-limit.ts';
export { createSingleFlight, type SingleFlight } from './single-flight.ts';
