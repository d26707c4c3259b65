import { type Follower, WheelTimer } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { deadlineExceeded } from '../deadline.ts';
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
  readonly #giveUp: GiveUp;

  constructor({ id, call, signal }: Asked, giveUp: GiveUp) {
    super();
    this.id = id;
    this.call = call;
    this.signal = signal;
    this.#giveUp = giveUp;
  }

  /** The answer came: the last frame of a call that went well. */
  abstract answer(frame: Frame): void;
  /** The other side answered with an error. */
  abstract refuse(error: Error): void;
  /** Nothing more will come, and the caller need not wait for what did. */
  abstract fail(reason: Error): void;

  giveUp(reason: Error): void {
    this.#giveUp(this, reason);
  }

  expire(): void {
    this.giveUp(deadlineExceeded(`${this.call.service}.${this.call.operation}`));
  }

  abort(reason: Error): void {
    this.giveUp(reason);
  }
}
