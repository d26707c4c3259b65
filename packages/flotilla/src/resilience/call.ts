import type { TimerWheel } from '../kernel/index.ts';
import type { Priority } from './load-shedder.ts';

/** One try of a call, as the work sees it. */
export interface Attempt<TEndpoint = undefined> {
  /** From 1. */
  readonly attempt: number;
  /** Monotonic milliseconds at which it began. */
  readonly startedAt: number;
  /** Monotonic milliseconds by which this try must be done; `Infinity` when nothing bounds it. */
  readonly deadline: number;
  /** Where this try goes: what `pick` chose. */
  readonly endpoint: TEndpoint;
  /** Where the tries before it went. */
  readonly excluded: readonly TEndpoint[];
  /** Aborts when time is up, the caller leaves or another try was faster. It comes to be when it is asked for. */
  readonly signal: AbortSignal;
}

export type Work<TResult, TEndpoint = undefined> = (attempt: Attempt<TEndpoint>) => Promise<TResult>;

/** What belongs to one call. */
export interface CallContext<TEndpoint = undefined> {
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Monotonic milliseconds of the runtime's clock by which the caller must be done; the policy may say sooner. */
  readonly deadline?: number | undefined;
  /** Only a call that may happen twice is retried or hedged. */
  readonly idempotent?: boolean | undefined;
  /** In place of the policy's times, in milliseconds. */
  readonly attemptTimeoutMs?: number | undefined;
  readonly totalTimeoutMs?: number | undefined;
  /** The lowest are refused first when this process has too much to do; `normal` unless said. */
  readonly priority?: Priority | undefined;
  /** Chooses where a try goes, given where those before it went. What it throws fails the try. */
  readonly pick?: ((excluded: readonly TEndpoint[]) => TEndpoint) | undefined;
  /** Told what each try failed with whose work was begun, before anything else is made of it. */
  readonly onTryFailed?: ((thrown: unknown) => void) | undefined;
}

/** A part of the way of a call. What it does not know, it leaves to the next. */
export type Stage = (call: Call) => Promise<unknown>;

/** How long a call may take unless its context says. */
export interface CallBounds {
  readonly wheel: TimerWheel;
  readonly attemptMs: number;
  readonly totalMs: number;
}

const NO_CONTEXT: CallContext<unknown> = {};
const NOTHING: readonly never[] = [];

/** One call on its way through the stages. */
export class Call {
  readonly work: Work<unknown, unknown>;
  readonly context: CallContext<unknown>;
  readonly signal: AbortSignal | undefined;
  readonly deadline: number;
  readonly attemptMs: number;
  /** When it last went on: its start, or the end of a wait. */
  now: number;
  /** Tries begun so far. */
  tries = 0;
  #excluded: readonly unknown[] = NOTHING;

  constructor(work: Work<unknown, unknown>, context: CallContext<unknown> | undefined, bounds: CallBounds) {
    const now = bounds.wheel.read();
    this.work = work;
    this.context = context ?? NO_CONTEXT;
    this.signal = this.context.signal;
    this.now = now;
    this.attemptMs = this.context.attemptTimeoutMs ?? bounds.attemptMs;
    this.deadline = Math.min(now + (this.context.totalTimeoutMs ?? bounds.totalMs), this.context.deadline ?? Infinity);
  }

  get excluded(): readonly unknown[] {
    return this.#excluded;
  }

  /** Chooses where a try goes and remembers it for the next. */
  pick(): unknown {
    const { pick } = this.context;
    if (pick === undefined) return undefined;
    const endpoint = pick(this.#excluded);
    this.#excluded = [...this.#excluded, endpoint];
    return endpoint;
  }
}
