import { abortReason } from './abort.ts';
import { type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** Something that ends when a signal aborts. */
export interface Follower {
  abort(reason: Error): void;
  /** Its place among those who follow the same signal, while it does. */
  seat?: number | undefined;
}

const FOLLOWERS: unique symbol = Symbol('followers');

interface FollowedSignal extends AbortSignal {
  // A map beside the signals would cost ten times as much, and each look at it would burden the garbage collector.
  [FOLLOWERS]?: Followers | undefined;
}

/**
 * Listens to one signal for all who follow it. To add and remove a listener costs more than the rest of a call, so where many
 * calls come and go under one signal it stays between them. It never stays for good: listeners keep some signals alive.
 */
class Followers extends WheelTimer {
  readonly #wheel: TimerWheel;
  readonly #signal: FollowedSignal;
  // Each knows its place in the list. A set would do, but under steady coming and going V8 chains its old tables to the new
  // ones, and everything that was ever in them outlives many collections.
  readonly #members: Follower[] = [];
  #listening = false;
  /** The signal outlived a call that followed it, so more may come. */
  #lingers = false;

  constructor(signal: FollowedSignal, wheel: TimerWheel) {
    super();
    this.#signal = signal;
    this.#wheel = wheel;
  }

  add(follower: Follower): void {
    follower.seat = this.#members.push(follower) - 1;
    if (this.#listening) return;
    this.#listening = true;
    this.#signal.addEventListener('abort', this);
  }

  remove(follower: Follower): void {
    if (follower.seat === undefined) return;
    this.#take(follower);
    if (this.#members.length > 0) return;
    if (!this.#lingers) this.#leave();
    else if (this.due === undefined) this.#wheel.arm(this, 0);
    this.#lingers = true;
  }

  handleEvent(): void {
    const reason = abortReason(this.#signal);
    // One who hears of it may let others go.
    for (let member = this.#members[0]; member; member = this.#members[0]) {
      this.#take(member);
      member.abort(reason);
    }
    this.#leave();
  }

  /** A tick without a call. */
  expire(): void {
    if (this.#members.length === 0) this.#leave();
  }

  /** Gives the place of one to the last of all. */
  #take(member: Follower): void {
    const seat = member.seat!;
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[seat] = last;
      last.seat = seat;
    }
    member.seat = undefined;
  }

  #leave(): void {
    if (!this.#listening) return;
    this.#listening = false;
    this.#wheel.disarm(this);
    this.#signal.removeEventListener('abort', this);
  }
}

/** `follower.abort` is called when the signal aborts, until `unfollow`. The signal must not be aborted yet. */
export function follow(signal: AbortSignal, follower: Follower, wheel: TimerWheel): void {
  const followed: FollowedSignal = signal;
  (followed[FOLLOWERS] ??= new Followers(signal, wheel)).add(follower);
}

export function unfollow(signal: AbortSignal, follower: Follower): void {
  const followed: FollowedSignal = signal;
  followed[FOLLOWERS]?.remove(follower);
}
