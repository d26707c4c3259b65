import { abortReason } from './abort.ts';
import { type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** Something that ends when a signal aborts. */
export interface Follower {
  abort(reason: Error): void;
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
  readonly #members = new Set<Follower>();
  #listening = false;
  /** The signal outlived a call that followed it, so more may come. */
  #lingers = false;

  constructor(signal: FollowedSignal, wheel: TimerWheel) {
    super();
    this.#signal = signal;
    this.#wheel = wheel;
  }

  add(follower: Follower): void {
    this.#members.add(follower);
    if (this.#listening) return;
    this.#listening = true;
    this.#signal.addEventListener('abort', this);
  }

  remove(follower: Follower): void {
    this.#members.delete(follower);
    if (this.#members.size > 0) return;
    if (!this.#lingers) this.#leave();
    else if (this.due === undefined) this.#wheel.arm(this, 0);
    this.#lingers = true;
  }

  handleEvent(): void {
    const reason = abortReason(this.#signal);
    for (const member of this.#members) {
      this.#members.delete(member);
      member.abort(reason);
    }
    this.#leave();
  }

  /** A tick without a call. */
  expire(): void {
    if (this.#members.size === 0) this.#leave();
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
