import { isDeepStrictEqual } from 'node:util';
import { FlotillaError, type Runtime, timerWheelOf, type TimerWheel } from '../kernel/index.ts';
import { type AdaptiveLimit, createAdaptiveLimit } from './adaptive-limit.ts';
import { type Breaker, type BreakerChange, type BreakerState, createBreaker } from './breaker.ts';
import { type Bulkhead, createBulkhead } from './bulkhead.ts';
import { LatencyWindow } from './latency-window.ts';
import type { Policy } from './policy.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import { resolvePolicy, type Settings } from './settings.ts';

export interface UpstreamOptions {
  /** What is called; part of errors and events. */
  name: string;
  policy: Policy;
  runtime: Pick<Runtime, 'clock' | 'random'>;
  onBreakerChange?: (change: BreakerChange) => void;
}

/** How often things happened since the pipeline was created. */
export interface PipelineCounts {
  calls: number;
  /** Tries that reached the work. */
  attempts: number;
  /** Tries that failed in a way that speaks against the upstream, those whose time ran out among them. */
  failures: number;
  timeouts: number;
  fallbacks: number;
}

export interface PipelineState {
  readonly name: string;
  readonly counts: Readonly<PipelineCounts>;
  /** Extra tries that were not made because too many were. */
  readonly budgetRefusals: number;
  readonly breaker?: BreakerState;
  readonly limit?: { readonly limit: number; readonly running: number; readonly queued: number };
}

/** What all calls to one upstream share, whatever their own policies: everything that remembers. */
export class Upstream {
  readonly name: string;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly wheel: TimerWheel;
  readonly latencies: LatencyWindow = new LatencyWindow(0.95);
  readonly counts: PipelineCounts = { calls: 0, attempts: 0, failures: 0, timeouts: 0, fallbacks: 0 };
  readonly #onBreakerChange: UpstreamOptions['onBreakerChange'];
  policy: Policy = {};
  breaker: Breaker | undefined;
  bulkhead: Bulkhead | undefined;
  adaptive: AdaptiveLimit | undefined;
  budget!: RetryBudget;
  /** Why nothing is called any more. */
  closed: FlotillaError | undefined;

  constructor(options: UpstreamOptions) {
    this.name = options.name;
    this.runtime = options.runtime;
    this.wheel = timerWheelOf(options.runtime.clock);
    this.#onBreakerChange = options.onBreakerChange;
    this.apply(options.policy);
  }

  /** What was learnt is kept where the policy for it did not change. Throws before anything changes if the policy can't work. */
  apply(policy: Policy): void {
    resolvePolicy(policy);
    const before = this.policy;
    this.policy = policy;
    const same = (stage: keyof Policy): boolean => isDeepStrictEqual(before[stage], policy[stage]);
    if (!this.budget || !same('budget')) this.budget = createRetryBudget({ clock: this.wheel, ...policy.budget });
    if (!same('breaker')) this.breaker = policy.breaker ? this.#createBreaker(policy.breaker) : undefined;
    if (!same('adaptive') || !same('bulkhead')) this.#limit(resolvePolicy(policy), resolvePolicy(before));
  }

  close(): void {
    const message = `The pipeline of '${this.name}' was disposed of, so it makes no more calls.`;
    this.closed = new FlotillaError('PIPELINE_CLOSED', { kind: 'unavailable', retryable: false, message });
    this.bulkhead?.dismiss(this.closed);
  }

  state(): PipelineState {
    const { name, counts, budget, breaker, bulkhead } = this;
    return {
      name,
      counts: { ...counts },
      budgetRefusals: budget.refusals,
      ...(breaker && { breaker: breaker.state }),
      ...(bulkhead && { limit: { limit: bulkhead.limit, running: bulkhead.running, queued: bulkhead.queued } }),
    };
  }

  #createBreaker(policy: Policy['breaker'] & object): Breaker {
    const runtime = { clock: this.wheel, random: this.runtime.random };
    return createBreaker({
      ...policy,
      name: this.name,
      runtime,
      ...(this.#onBreakerChange && { onChange: this.#onBreakerChange }),
    });
  }

  /** The bulkhead is kept for as long as there is one: it knows who is inside. */
  #limit({ bulkhead, adaptive }: Settings, before: Settings): void {
    if (!isDeepStrictEqual(adaptive, before.adaptive)) this.adaptive = adaptive && createAdaptiveLimit(adaptive);
    if (!bulkhead && !adaptive) return void (this.bulkhead = undefined);
    this.bulkhead ??= createBulkhead({ name: this.name, clock: this.runtime.clock });
    this.bulkhead.resize(this.adaptive?.limit ?? bulkhead!.limit, bulkhead?.queue ?? 0);
  }
}
