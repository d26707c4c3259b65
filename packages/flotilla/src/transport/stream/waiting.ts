import {
  deadlineExceeded,
  abortReason,
  follow,
  type Follower,
  type TimerWheel,
  unfollow,
  WheelTimer,
} from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { MAX_TIMEOUT_MS } from '../http/headers.ts';
import type { Frame } from './frame.ts';

/** Ends a call whose answer nobody waits for any more. */
export type GiveUp = (waiting: Waiting, reason: Error) => void;

/** What a caller asked for, and until when it stays. */
export interface Asked {
  readonly id: number;
  readonly call: Call;
  readonly signal: AbortSignal;
}

/** What the calling side of a connection knows of a call in flight: one object, with its deadline and its signal. */
export abstract class Waiting extends WheelTimer implements Follower {
  readonly id: number;
  readonly call: Call;
  readonly signal: AbortSignal;
  /** Where its frame ends in all that was ever written: tells whether it was sent. */
  frameEnd = 0;
  seat: number | undefined = undefined;
  #isOver = false;
  readonly #giveUp: GiveUp;

  constructor({ id, call, signal }: Asked, giveUp: GiveUp) {
    super();
    this.id = id;
    this.call = call;
    this.signal = signal;
    this.#giveUp = giveUp;
  }

  /** Nobody waits longer. */
  get longestMs(): number {
    return MAX_TIMEOUT_MS;
  }

  /** The answer came: the last frame of a call that went well. */
  abstract answer(frame: Frame): void;
  /** The other side answered with an error. */
  abstract refuse(error: Error): void;
  /** Nothing more will come, and the caller need not wait for what did. */
  abstract fail(reason: Error): void;

  /** From now on it is given up when its time is up or its caller leaves. */
  begin(wheel: TimerWheel): void {
    const { signal, call } = this;
    // Nobody else listens to this signal, so it need not be shared, and it goes when the call does.
    if (call.bounded) signal.addEventListener('abort', this);
    else {
      const remainingMs = Math.min(call.metadata.remainingMs, this.longestMs);
      if (remainingMs !== Infinity) wheel.arm(this, wheel.read() + remainingMs);
      follow(signal, this, wheel);
    }
  }

  end(wheel: TimerWheel): void {
    this.#isOver = true;
    if (this.call.bounded) return;
    wheel.disarm(this);
    unfollow(this.signal, this);
  }

  giveUp(reason: Error): void {
    if (!this.#isOver) this.#giveUp(this, reason);
  }

  handleEvent(): void {
    this.giveUp(abortReason(this.signal));
  }

  expire(): void {
    this.giveUp(deadlineExceeded(`${this.call.service}.${this.call.operation}`));
  }

  abort(reason: Error): void {
    this.giveUp(reason);
  }
}
