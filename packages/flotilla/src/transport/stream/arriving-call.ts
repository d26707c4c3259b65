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

/** A connection, and the call as it is by now: with the time that is left. */
export interface Arrived<TConnection> {
  readonly connection: TConnection;
  readonly call: Call;
}

/** A call that waits for a connection to be made, for as long as its time lasts and its caller stays. */
export class ArrivingCall extends WheelTimer implements Follower {
  seat: number | undefined = undefined;
  readonly #call: Call;
  readonly #signal: AbortSignal;
  readonly #wheel: TimerWheel;
  readonly #since: number;
  readonly #gaveUp = Promise.withResolvers<never>();

  constructor(call: Call, signal: AbortSignal, wheel: TimerWheel) {
    super();
    this.#call = call;
    this.#signal = signal;
    this.#wheel = wheel;
    this.#since = wheel.read();
  }

  /** Rejects when the call is given up before the connection is there. */
  async once<TConnection>(connect: () => Promise<TConnection>): Promise<Arrived<TConnection>> {
    const { metadata } = this.#call;
    if (this.#signal.aborted) throw abortReason(this.#signal);
    if (!(metadata.remainingMs > 0)) throw this.#late();
    this.#wheel.arm(this, this.#since + Math.min(metadata.remainingMs, MAX_TIMEOUT_MS));
    follow(this.#signal, this, this.#wheel);
    try {
      const connection = await Promise.race([connect(), this.#gaveUp.promise]);
      const remainingMs = metadata.remainingMs - (this.#wheel.read() - this.#since);
      return { connection, call: { ...this.#call, metadata: { ...metadata, remainingMs } } };
    } finally {
      this.#wheel.disarm(this);
      unfollow(this.#signal, this);
    }
  }

  expire(): void {
    this.#gaveUp.reject(this.#late());
  }

  abort(reason: Error): void {
    this.#gaveUp.reject(reason);
  }

  #late(): Error {
    return deadlineExceeded(`${this.#call.service}.${this.#call.operation}`);
  }
}
