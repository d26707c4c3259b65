import { abortReason, deadlineExceeded, follow, type Follower, type TimerWheel, unfollow, WheelTimer } from '../kernel/index.ts';

/** What ends a wait for one's turn. */
export interface WaitBounds {
  readonly signal?: AbortSignal | undefined;
  /** In monotonic milliseconds of the clock. */
  readonly deadline?: number | undefined;
}

/** Where those wait who wait together. */
export interface WaitingRoom {
  readonly queue: Set<Turn>;
  readonly wheel: TimerWheel;
}

/** A wait for one's turn, which ends when it comes, with the caller's signal or at the deadline. Its timer is that of the deadline. */
export class Turn extends WheelTimer implements Follower {
  readonly #name: string;
  readonly #bounds: WaitBounds;
  readonly #room: WaitingRoom;
  #resolve!: () => void;
  #reject!: (reason: Error) => void;

  constructor(name: string, bounds: WaitBounds, room: WaitingRoom) {
    super();
    this.#name = name;
    this.#bounds = bounds;
    this.#room = room;
  }

  /** Takes a place in the queue. */
  wait(resolve: () => void, reject: (reason: Error) => void): void {
    const { signal, deadline = Infinity } = this.#bounds;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal?.aborted) return reject(abortReason(signal));
    this.#room.queue.add(this);
    if (signal) follow(signal, this, this.#room.wheel);
    if (deadline !== Infinity) this.#room.wheel.arm(this, deadline);
  }

  come(): void {
    this.#end();
    this.#resolve();
  }

  abort(reason: Error): void {
    this.#end();
    this.#reject(reason);
  }

  expire(): void {
    this.abort(deadlineExceeded(`The wait for '${this.#name}'`));
  }

  #end(): void {
    this.#room.queue.delete(this);
    this.#room.wheel.disarm(this);
    if (this.#bounds.signal) unfollow(this.#bounds.signal, this);
  }
}
