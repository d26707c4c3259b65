import { type Duration, durationMs, type ErrorKind, FlotillaError } from '../kernel/index.ts';
import { DEFAULTS } from './defaults.ts';
import type {
  AdaptivePolicy,
  BreakerPolicy,
  BudgetPolicy,
  BulkheadPolicy,
  Fallback,
  HedgePolicy,
  Policy,
  RetryPolicy,
  TimeoutPolicy,
} from './policy.ts';

/** A policy with its defaults filled in and its times in milliseconds; `Infinity` where there is no bound. */
export interface Settings {
  readonly timeout: TimeoutSettings;
  readonly retry?: RetrySettings;
  readonly hedge?: HedgeSettings;
  readonly budget: BudgetSettings;
  readonly breaker?: BreakerSettings;
  readonly bulkhead?: BulkheadSettings;
  readonly adaptive?: AdaptiveSettings;
  readonly fallback?: Fallback;
}
export type TimeoutSettings = Readonly<{ attemptMs: number; totalMs: number }>;
export type RetrySettings = Readonly<{ attempts: number; delayMs: number; maxDelayMs: number }>;
export type HedgeSettings = Readonly<{ attempts: number; delayMs: number | 'p95' }>;
export type BudgetSettings = Readonly<{ ratio: number; floorPerSecond: number }>;
export type BulkheadSettings = Readonly<{ limit: number; queue: number }>;
export type AdaptiveSettings = Readonly<{ start: number; min: number; max: number }>;
export interface BreakerSettings {
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly probes: number;
  readonly maxProbingMs: number;
  readonly failureKinds: readonly ErrorKind[];
}

/** Throws `INVALID_POLICY` or `INVALID_DURATION` for what can't work. */
export function resolvePolicy(policy: Policy): Settings {
  const { timeout, retry, hedge, breaker, bulkhead, adaptive, fallback } = policy;
  return {
    timeout: timeout ? timeoutSettings(timeout) : { attemptMs: Infinity, totalMs: Infinity },
    budget: budgetSettings(policy.budget ?? {}),
    ...(hedge ? { hedge: hedgeSettings(hedge) } : retry ? { retry: retrySettings(retry) } : {}),
    ...(breaker && { breaker: breakerSettings(breaker) }),
    ...(bulkhead && { bulkhead: bulkheadSettings(bulkhead) }),
    ...(adaptive && { adaptive: adaptiveSettings(adaptive, bulkhead ? bulkheadSettings(bulkhead).limit : undefined) }),
    ...(fallback && { fallback }),
  };
}

export function timeoutSettings(policy: TimeoutPolicy): TimeoutSettings {
  const { attempt, total } = { ...DEFAULTS.timeout, ...policy };
  return { attemptMs: durationMs(attempt) || Infinity, totalMs: durationMs(total) || Infinity };
}

export function retrySettings(policy: RetryPolicy): RetrySettings {
  const { attempts, delay, maxDelay } = { ...DEFAULTS.retry, ...policy };
  return { attempts: whole('retry.attempts', attempts, 1), delayMs: durationMs(delay), maxDelayMs: durationMs(maxDelay) };
}

export function hedgeSettings(policy: HedgePolicy): HedgeSettings {
  const { attempts, delay } = { ...DEFAULTS.hedge, ...policy };
  return { attempts: whole('hedge.attempts', attempts, 1), delayMs: delay === 'p95' ? delay : durationMs(delay) };
}

export function budgetSettings(policy: BudgetPolicy): BudgetSettings {
  const { ratio, floorPerSecond } = { ...DEFAULTS.budget, ...policy };
  return { ratio: atLeast('budget.ratio', ratio, 0), floorPerSecond: whole('budget.floorPerSecond', floorPerSecond, 0) };
}

export function bulkheadSettings(policy: BulkheadPolicy): BulkheadSettings {
  const { limit, queue } = { ...DEFAULTS.bulkhead, ...policy };
  return { limit: whole('bulkhead.limit', limit, 1), queue: whole('bulkhead.queue', queue, 0) };
}

/** The limit of a bulkhead beside it bounds it too. */
export function adaptiveSettings(policy: AdaptivePolicy, limit: number = Infinity): AdaptiveSettings {
  const { start, min, max } = { ...DEFAULTS.adaptive, ...policy };
  const top = Math.min(whole('adaptive.max', max, 1), limit);
  const bottom = Math.min(whole('adaptive.min', min, 1), top);
  return { start: Math.min(Math.max(whole('adaptive.start', start, 1), bottom), top), min: bottom, max: top };
}

export function breakerSettings(policy: BreakerPolicy): BreakerSettings {
  const written = { ...DEFAULTS.breaker, ...policy };
  const { failureRatio, minimumCalls, probes, failureKinds } = written;
  if (failureRatio > 1) throw invalid('breaker.failureRatio', failureRatio, 'a share from 0 to 1');
  const openMs = durationMs(written.openFor);
  return {
    failureRatio: atLeast('breaker.failureRatio', failureRatio, 0),
    minimumCalls: whole('breaker.minimumCalls', minimumCalls, 1),
    windowMs: positiveMs('breaker.window', written.window),
    openMs,
    maxOpenMs: Math.max(openMs, durationMs(written.maxOpenFor)),
    probes: whole('breaker.probes', probes, 1),
    maxProbingMs: durationMs(written.maxProbing),
    failureKinds,
  };
}

function positiveMs(setting: string, duration: Duration): number {
  const ms = durationMs(duration);
  if (ms > 0) return ms;
  throw invalid(setting, duration, 'longer than 0');
}

function whole(setting: string, value: number, least: number): number {
  if (Number.isSafeInteger(value)) return atLeast(setting, value, least);
  throw invalid(setting, value, 'a whole number');
}

function atLeast(setting: string, value: number, least: number): number {
  if (value >= least) return value;
  throw invalid(setting, value, `at least ${least}`);
}

function invalid(setting: string, value: unknown, wanted: string): FlotillaError {
  const message = `'${setting}' of the policy is ${String(value)}; write ${wanted}.`;
  return new FlotillaError('INVALID_POLICY', { kind: 'invalid', message });
}
