import { type Duration, durationMs, type ErrorKind, FlotillaError } from '../kernel/index.ts';
import { FAILURE_KINDS } from './outcome.ts';
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
    ...(adaptive && { adaptive: adaptiveSettings(adaptive, bulkhead || {}) }),
    ...(fallback && { fallback }),
  };
}

export function timeoutSettings({ attempt = '5s', total = '15s' }: TimeoutPolicy): TimeoutSettings {
  return { attemptMs: durationMs(attempt) || Infinity, totalMs: durationMs(total) || Infinity };
}

export function retrySettings({ attempts = 3, delay = '50ms', maxDelay = '1s' }: RetryPolicy): RetrySettings {
  return { attempts: whole('retry.attempts', attempts, 1), delayMs: durationMs(delay), maxDelayMs: durationMs(maxDelay) };
}

export function hedgeSettings({ attempts = 2, delay = 'p95' }: HedgePolicy): HedgeSettings {
  return { attempts: whole('hedge.attempts', attempts, 1), delayMs: delay === 'p95' ? delay : durationMs(delay) };
}

export function budgetSettings({ ratio = 0.2, floorPerSecond = 10 }: BudgetPolicy): BudgetSettings {
  return { ratio: atLeast('budget.ratio', ratio, 0), floorPerSecond: whole('budget.floorPerSecond', floorPerSecond, 0) };
}

export function bulkheadSettings({ limit = 100, queue = 0 }: BulkheadPolicy): BulkheadSettings {
  return { limit: whole('bulkhead.limit', limit, 1), queue: whole('bulkhead.queue', queue, 0) };
}

export function adaptiveSettings(
  { start = 20, min = 4, max = 1_000 }: AdaptivePolicy,
  { limit = max }: BulkheadPolicy = {},
): AdaptiveSettings {
  const top = Math.min(whole('adaptive.max', max, 1), limit);
  const bottom = Math.min(whole('adaptive.min', min, 1), top);
  return { start: Math.min(Math.max(whole('adaptive.start', start, 1), bottom), top), min: bottom, max: top };
}

export function breakerSettings(policy: BreakerPolicy): BreakerSettings {
  const { failureRatio = 0.5, minimumCalls = 20, probes = 3, failureKinds = FAILURE_KINDS } = policy;
  if (failureRatio > 1) throw invalid('breaker.failureRatio', failureRatio, 'a share from 0 to 1');
  const openMs = durationMs(policy.openFor ?? '10s');
  return {
    failureRatio: atLeast('breaker.failureRatio', failureRatio, 0),
    minimumCalls: whole('breaker.minimumCalls', minimumCalls, 1),
    windowMs: positiveMs('breaker.window', policy.window ?? '10s'),
    openMs,
    maxOpenMs: Math.max(openMs, durationMs(policy.maxOpenFor ?? '60s')),
    probes: whole('breaker.probes', probes, 1),
    maxProbingMs: durationMs(policy.maxProbing ?? '30s'),
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
