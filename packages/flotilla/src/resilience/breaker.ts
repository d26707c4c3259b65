import { type Clock, FlotillaError, type Random } from '../kernel/index.ts';
import { begin } from './begin.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { OutcomeWindow } from './outcome-window.ts';
import type { BreakerPolicy } from './policy.ts';
import { type BreakerSettings, breakerSettings } from './settings.ts';

export interface BreakerOptions extends BreakerPolicy {
  /** What it protects; part of its errors and events. */
  name: string;
  runtime: { clock: Pick<Clock, 'monotonic'>; random: Pick<Random, 'next'> };
  /** Told of each change of state, before the next call is looked at. */
  onChange?: (change: BreakerChange) => void;
}

/** Times are monotonic milliseconds of the runtime's clock. */
export type BreakerState =
  | { readonly kind: 'closed'; readonly calls: number; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half-open'; readonly since: number; readonly running: number; readonly passed: number }
  | { readonly kind: 'isolated' };

export interface BreakerChange {
  readonly name: string;
  readonly from: BreakerState['kind'];
  readonly to: BreakerState['kind'];
}

/** Names the state in which a call was let through, so that what it says about an older state is not taken for news. */
export type Permit = number;

/** How soon to come back when probes are under way: nobody knows yet how they end. */
const PROBING_RETRY_MS = 1_000;

type State =
  | { kind: 'closed'; window: OutcomeWindow }
  | { kind: 'open'; until: number }
  | { kind: 'half-open'; since: number; running: number; passed: number }
  | { kind: 'isolated' };

/**
 * Stops calling what mostly fails, and lets a few probes through after a while to find out whether it recovered. It holds no
 * timer: time is looked at when calls come and go.
 */
export class Breaker {
  readonly name: string;
  readonly #settings: BreakerSettings;
  readonly #runtime: BreakerOptions['runtime'];
  readonly #onChange: BreakerOptions['onChange'];
  #state: State;
  #generation: Permit = 0;
  /** How often it opened since it was closed last. */
  #openings = 0;

  constructor(options: BreakerOptions) {
    this.name = options.name;
    this.#settings = breakerSettings(options);
    this.#runtime = options.runtime;
    this.#onChange = options.onChange;
    this.#state = this.#closed();
  }

  /** Runs work unless the breaker is open. What its failure says is read from the kind of error. */
  execute<TResult>(work: () => Promise<TResult>): Promise<TResult> {
    let permit: Permit;
    try {
      permit = this.acquire();
    } catch (refusal) {
      return Promise.reject(refusal as Error);
    }
    // Plain callbacks: an async function would cost a quarter more.
    return begin(work).then(
      (value) => {
        this.release(permit, 'success');
        return value;
      },
      (thrown: unknown) => {
        this.release(permit, this.outcomeOf(thrown));
        throw thrown;
      },
    );
  }

  /** Lets one call through, which must be followed by `release` whatever happens. Throws `BREAKER_OPEN`. */
  acquire(): Permit {
    if (this.#state.kind === 'closed' || this.#mayProbe()) return this.#generation;
    throw this.#refusal();
  }

  release(permit: Permit, outcome: Outcome): void {
    if (permit !== this.#generation) return;
    const state = this.#state;
    if (state.kind === 'closed') this.#count(state.window, outcome);
    else if (state.kind === 'half-open') this.#judge(state, outcome);
  }

  outcomeOf(thrown: unknown): Outcome {
    return outcomeOf(thrown, this.#settings.failureKinds);
  }

  get state(): BreakerState {
    const state = this.#state;
    return state.kind === 'closed'
      ? { kind: 'closed', calls: state.window.calls, failures: state.window.failures }
      : { ...state };
  }

  /** Refuses everything until `reset`, as an operator wishes. */
  isolate(): void {
    this.#become({ kind: 'isolated' });
  }

  /** Closes it and forgets what it counted. */
  reset(): void {
    this.#openings = 0;
    this.#become(this.#closed());
  }

  #count(window: OutcomeWindow, outcome: Outcome): void {
    if (outcome === 'ignored') return;
    window.record(outcome === 'failure', this.#now());
    const { minimumCalls, failureRatio } = this.#settings;
    if (window.failures > 0 && window.calls >= minimumCalls && window.failures >= window.calls * failureRatio) this.#open();
  }

  #judge(state: State & { kind: 'half-open' }, outcome: Outcome): void {
    if (outcome === 'failure') return this.#open();
    state.running -= 1;
    if (outcome === 'success') state.passed += 1;
    if (state.passed === this.#settings.probes) this.reset();
  }

  /** Takes one of the permits for probes, if time and their number allow. */
  #mayProbe(): boolean {
    const now = this.#now();
    if (this.#state.kind === 'open' && now >= this.#state.until) {
      this.#become({ kind: 'half-open', since: now, running: 0, passed: 0 });
    }
    const state = this.#state;
    if (state.kind !== 'half-open') return false;
    if (now - state.since >= this.#settings.maxProbingMs) {
      // Without a probe under way nothing hangs: there was just no traffic to probe with.
      if (state.running > 0) this.#open();
      else state.since = now;
    }
    if (this.#state !== state || state.running + state.passed >= this.#settings.probes) return false;
    state.running += 1;
    return true;
  }

  #open(): void {
    const { openMs, maxOpenMs } = this.#settings;
    const jitter = 0.9 + 0.2 * this.#runtime.random.next();
    const until = this.#now() + Math.min(maxOpenMs, openMs * 2 ** this.#openings) * jitter;
    this.#openings += 1;
    this.#become({ kind: 'open', until });
  }

  #closed(): State {
    return { kind: 'closed', window: new OutcomeWindow(this.#settings.windowMs, this.#now()) };
  }

  #become(state: State): void {
    const from = this.#state.kind;
    this.#state = state;
    this.#generation += 1;
    if (from !== state.kind) this.#tell({ name: this.name, from, to: state.kind });
  }

  /** Calls go on whatever a listener does: what it throws is nobody's but its own. */
  #tell(change: BreakerChange): void {
    try {
      this.#onChange?.(change);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  #refusal(): FlotillaError {
    const { name } = this;
    if (this.#state.kind === 'isolated') {
      const message = `Calls to '${name}' were stopped by an operator; 'reset' lets them through again.`;
      return new FlotillaError('BREAKER_OPEN', { kind: 'unavailable', message, details: { name } });
    }
    const retryAfterMs = this.#state.kind === 'open' ? Math.ceil(this.#state.until - this.#now()) : PROBING_RETRY_MS;
    const message = `Calls to '${name}' failed too often; none is made for now. Try again later.`;
    return new FlotillaError('BREAKER_OPEN', { kind: 'unavailable', message, details: { name, retryAfterMs } });
  }

  #now(): number {
    return this.#runtime.clock.monotonic();
  }
}

export function createBreaker(options: BreakerOptions): Breaker {
  return new Breaker(options);
}
