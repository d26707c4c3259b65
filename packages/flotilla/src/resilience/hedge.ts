import { FlotillaError, WheelTimer } from '../kernel/index.ts';
import type { Call, Stage } from './call.ts';
import type { LatencyWindow } from './latency-window.ts';
import { isWorthRetrying } from './retry.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type AttemptOptions, RunningAttempt } from './running-attempt.ts';
import type { HedgeSettings } from './settings.ts';

export interface HedgeOptions extends AttemptOptions {
  readonly settings: HedgeSettings;
  readonly budget: RetryBudget;
  readonly latencies: LatencyWindow;
}

/**
 * Asks once more when an answer is late or a try failed in a way that may pass. The first good answer wins and the other tries
 * are aborted; an error that will not go away is an answer too.
 */
export function hedging(once: Stage, options: HedgeOptions): Stage {
  return (call) => {
    options.budget.deposit();
    if (call.context.idempotent !== true) return once(call);
    return new Promise((resolve, reject) => new HedgedCall(call, options, { resolve, reject }).begin());
  };
}

interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Its own timer says when an answer is late. */
class HedgedCall extends WheelTimer {
  readonly #call: Call;
  readonly #options: HedgeOptions;
  readonly #settle: Settle;
  readonly #running = new Set<RunningAttempt>();

  constructor(call: Call, options: HedgeOptions, settle: Settle) {
    super();
    this.#call = call;
    this.#options = options;
    this.#settle = settle;
  }

  begin(): void {
    this.#try();
    this.#waitForLateness();
  }

  expire(): void {
    if (!this.#mayTryAgain()) return;
    this.#try();
    this.#waitForLateness();
  }

  #try(): void {
    const attempt = new RunningAttempt(this.#call, this.#options);
    this.#running.add(attempt);
    new Promise((resolve, reject) => attempt.begin(resolve, reject)).then(
      (value) => this.#answered(attempt, value),
      (thrown: unknown) => this.#failed(attempt, thrown),
    );
  }

  #answered(attempt: RunningAttempt, value: unknown): void {
    if (this.#ended(attempt)) this.#finish(() => this.#settle.resolve(value));
  }

  #failed(attempt: RunningAttempt, thrown: unknown): void {
    if (!this.#ended(attempt)) return;
    const mayPass = isWorthRetrying(thrown);
    if (attempt.begun && !mayPass) this.#finish(() => this.#settle.reject(thrown));
    else if (attempt.begun && this.#mayTryAgain()) this.#try();
    // A try that was refused, by the breaker for one, takes nothing from those under way.
    else if (this.#running.size === 0) this.#finish(() => this.#settle.reject(thrown));
  }

  /** False for a try that was aborted because another one was faster. */
  #ended(attempt: RunningAttempt): boolean {
    const { settings, latencies, wheel } = this.#options;
    if (settings.delayMs === 'p95') {
      const now = wheel.read();
      latencies.record(now - attempt.startedAt, now);
    }
    return this.#running.delete(attempt);
  }

  #finish(settle: () => void): void {
    this.#options.wheel.disarm(this);
    const losers = [...this.#running];
    this.#running.clear();
    settle();
    for (const loser of losers) loser.abort(tooLate());
  }

  #mayTryAgain(): boolean {
    const { settings, budget } = this.#options;
    return this.#call.tries < settings.attempts && this.#options.wheel.read() < this.#call.deadline && budget.withdraw();
  }

  #waitForLateness(): void {
    const { settings, latencies, wheel } = this.#options;
    const now = wheel.read();
    const delayMs = settings.delayMs === 'p95' ? latencies.quantile(now) : settings.delayMs;
    if (this.#call.tries < settings.attempts && delayMs !== undefined) wheel.arm(this, now + delayMs);
  }
}

function tooLate(): FlotillaError {
  return new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'Another try was faster.' });
}
