import type { Duration, ErrorKind } from '../kernel/index.ts';

export interface TimeoutPolicy {
  /** For one try; 5 s unless said, 0 for none. */
  attempt?: Duration;
  /** For the call with all its tries, pauses and waits; 15 s unless said, 0 for none. */
  total?: Duration;
}

export interface RetryPolicy {
  /** Tries in all; 3 unless said. */
  attempts?: number;
  /** The longest first pause; doubles with each try. 50 ms unless said. */
  delay?: Duration;
  /** No pause is longer, except one that the other side asked for. 1 s unless said. */
  maxDelay?: Duration;
}

export interface HedgePolicy {
  /** How long to wait for an answer before asking once more as well: fixed, or what 95 % of the recent calls took. `'p95'` unless said. */
  delay?: Duration | 'p95';
  /** Tries in all; 2 unless said. */
  attempts?: number;
}

export interface BudgetPolicy {
  /** Extra tries per call, over ten seconds; 0.2 unless said. */
  ratio?: number;
  /** Extra tries a second that are always allowed, so that a quiet upstream can be retried at all; 10 unless said. */
  floorPerSecond?: number;
}

export interface BreakerPolicy {
  /** Opens when this share of the calls in the window failed; 0.5 unless said. */
  failureRatio?: number;
  /** With fewer calls in the window it stays closed; 20 unless said. */
  minimumCalls?: number;
  /** 10 s unless said. */
  window?: Duration;
  /** How long it stays open at first; doubles each time the probes fail. 10 s unless said. */
  openFor?: Duration;
  /** It never stays open longer; 60 s unless said. */
  maxOpenFor?: Duration;
  /** Calls let through to find out whether it may close; all of them must succeed. 3 unless said. */
  probes?: number;
  /** Probes that take longer than this count as failed; 30 s unless said. */
  maxProbing?: Duration;
  /** The kinds of error that count as failures; unavailable, timeout and internal unless said. */
  failureKinds?: readonly ErrorKind[];
}

export interface BulkheadPolicy {
  /** Calls running at once; 100 unless said. */
  limit?: number;
  /** Calls waiting for their turn; 0 unless said. */
  queue?: number;
}

export interface AdaptivePolicy {
  /** The number of calls at once to begin with; 20 unless said. */
  start?: number;
  /** 4 unless said. */
  min?: number;
  /** 1000 unless said, and never more than the limit of a bulkhead beside it. */
  max?: number;
}

/** What to answer when everything else failed. It gets the error and may reject; the caller then sees the error all the same. */
export type Fallback = (thrown: unknown) => unknown;

/** The stages that may differ between the operations of one upstream. */
export interface CallPolicy {
  timeout?: TimeoutPolicy | false;
  retry?: RetryPolicy | false;
  /** Takes the place of retries for the calls it applies to. */
  hedge?: HedgePolicy | false;
  fallback?: Fallback | false;
}

/**
 * What protects the calls to one upstream: a stage that is not written is not there, `{}` is the stage with its defaults, and
 * `false` takes out what a wider policy put in. Policies are plain values: keep them, merge them, read them from files.
 */
export interface Policy extends CallPolicy {
  /** Bounds retries and hedges together. There is always one where either is. */
  budget?: BudgetPolicy;
  breaker?: BreakerPolicy | false;
  bulkhead?: BulkheadPolicy | false;
  /** Lets the limit follow what the upstream can take. */
  adaptive?: AdaptivePolicy | false;
}

/** Timeouts, retries of what is idempotent, breaker and bulkhead, all with their defaults. */
export const standardPolicy: Policy = { timeout: {}, retry: {}, breaker: {}, bulkhead: {} };

/** One policy of several, the later ones more specific: within a stage each setting is taken from the last that writes it. */
export function mergePolicies(...policies: readonly Policy[]): Policy {
  const merged: Record<string, unknown> = {};
  for (const policy of policies) {
    for (const [stage, settings] of Object.entries(policy) as [string, unknown][]) {
      const before = merged[stage];
      if (settings === undefined) continue;
      merged[stage] = isSettings(before) && isSettings(settings) ? { ...before, ...settings } : settings;
    }
  }
  return merged;
}

function isSettings(stage: unknown): stage is object {
  return typeof stage === 'object' && stage !== null;
}
