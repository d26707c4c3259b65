import { type Follower, WheelTimer } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { deadlineExceeded } from '../deadline.ts';

export interface Waiter {
  readonly call: Call;
  readonly signal: AbortSignal;
  readonly resolve: (output: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** What the client's side of a connection knows of a call in flight: one object, with its deadline and its signal. */
export class WaitingCall extends WheelTimer implements Follower {
  readonly id: number;
  readonly waiter: Waiter;
  /** Where its frame ends in all that was ever written: tells whether it was sent. */
  frameEnd = 0;
  readonly #giveUp: (waiting: WaitingCall, reason: Error) => void;

  constructor(id: number, waiter: Waiter, giveUp: (waiting: WaitingCall, reason: Error) => void) {
    super();
    this.id = id;
    this.waiter = waiter;
    this.#giveUp = giveUp;
  }

  expire(): void {
    const { service, operation } = this.waiter.call;
    this.#giveUp(this, deadlineExceeded(`${service}.${operation}`));
  }

  abort(reason: Error): void {
    this.#giveUp(this, reason);
  }
}
