import {
  abortReason,
  deadlineExceeded,
  follow,
  type Follower,
  isFlotillaError,
  type TimerWheel,
  unfollow,
  WheelTimer,
} from '../kernel/index.ts';
import { begin } from './begin.ts';
import type { Breaker, Permit } from './breaker.ts';
import type { Attempt, Call, Stage } from './call.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

export interface AttemptOptions {
  readonly name: string;
  readonly wheel: TimerWheel;
  readonly breaker: Breaker | undefined;
  readonly counts: AttemptCounts;
}

export interface AttemptCounts {
  attempts: number;
  failures: number;
  timeouts: number;
}

/** The innermost stage: one try, let through by the breaker and ended in time. */
export function attempting(options: AttemptOptions): Stage {
  return (call) => new Promise((resolve, reject) => new RunningAttempt(call, options).begin(resolve, reject));
}

/** A try that was given less than this share of the usual time says something about its caller, not about what it called. */
const FAIR_SHARE = 0.1;
/** A caller that waited for this share of it has waited long. */
const LONG_SHARE = 0.5;

/**
 * One object is the try, its timer and its place among those who follow the caller's signal, so that success allocates next
 * to nothing. Whatever comes first ends it: the work, the time or the caller; what comes later is ignored.
 */
export class RunningAttempt extends WheelTimer implements Attempt<unknown>, Follower {
  readonly attempt: number;
  readonly deadline: number;
  readonly excluded: readonly unknown[];
  endpoint: unknown = undefined;
  seat: number | undefined = undefined;
  /** The work was called. */
  begun = false;
  readonly #call: Call;
  readonly #options: AttemptOptions;
  readonly startedAt: number;
  #permit: Permit = 0;
  #ended = false;
  #stopped: Error | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #reject: ((reason: unknown) => void) | undefined = undefined;

  constructor(call: Call, options: AttemptOptions) {
    super();
    this.#call = call;
    this.#options = options;
    this.startedAt = call.tries === 0 ? call.now : options.wheel.read();
    this.attempt = call.tries += 1;
    this.deadline = Math.min(this.startedAt + call.attemptMs, call.deadline);
    this.excluded = call.excluded;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stopped !== undefined) this.#controller.abort(this.#stopped);
    }
    return this.#controller.signal;
  }

  /** Throws what keeps the try from being made. */
  begin(resolve: (value: unknown) => void, reject: (reason: unknown) => void): void {
    const call = this.#call;
    const { breaker, wheel, counts, name } = this.#options;
    if (call.signal?.aborted) throw abortReason(call.signal);
    if (this.deadline <= this.startedAt) throw deadlineExceeded(`The call of '${name}'`);
    this.endpoint = call.pick();
    if (breaker !== undefined) this.#permit = breaker.acquire();
    this.begun = true;
    counts.attempts += 1;
    this.#reject = reject;
    if (this.deadline !== Infinity) wheel.arm(this, this.deadline);
    if (call.signal !== undefined) follow(call.signal, this, wheel);
    begin(() => call.work(this)).then(
      (value) => {
        if (this.#end('success')) resolve(value);
      },
      (thrown: unknown) => {
        call.context.onTryFailed?.(thrown);
        if (this.#end(this.#outcomeOf(thrown))) reject(thrown);
      },
    );
  }

  /** The caller left, or ran out of time, or another try was faster. */
  abort(reason: Error): void {
    if (this.#end(this.#waitedInVain(reason) ? this.#outcomeOf(reason) : 'ignored')) this.#stop(reason);
  }

  expire(): void {
    const reason = deadlineExceeded(`The call of '${this.#options.name}'`);
    if (!this.#end(this.#outcomeOf(reason))) return;
    this.#options.counts.timeouts += 1;
    this.#stop(reason);
  }

  /** A caller whose own time is over after a long wait speaks against what it called; one that had hardly any time does not. */
  #waitedInVain(reason: Error): boolean {
    const waitedMs = this.#options.wheel.read() - this.startedAt;
    return isFlotillaError(reason) && reason.kind === 'timeout' && waitedMs >= this.#call.attemptMs * LONG_SHARE;
  }

  #stop(reason: Error): void {
    this.#stopped = reason;
    this.#reject!(reason);
    this.#controller?.abort(reason);
  }

  #outcomeOf(thrown: unknown): Outcome {
    const outcome = this.#options.breaker?.outcomeOf(thrown) ?? outcomeOf(thrown);
    const givenMs = this.deadline - this.startedAt;
    const hurried = givenMs < this.#call.attemptMs * FAIR_SHARE && this.#call.attemptMs !== Infinity;
    return hurried && isFlotillaError(thrown) && thrown.kind === 'timeout' ? 'ignored' : outcome;
  }

  /** True for the first end only. */
  #end(outcome: Outcome): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    const { breaker, wheel, counts } = this.#options;
    const { signal } = this.#call;
    wheel.disarm(this);
    if (signal !== undefined) unfollow(signal, this);
    if (outcome === 'failure') counts.failures += 1;
    breaker?.release(this.#permit, outcome);
    return true;
  }
}
