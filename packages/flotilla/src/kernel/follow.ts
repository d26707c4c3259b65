import { abortReason } from './abort.ts';
import { type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** Something that ends when a signal aborts. */
export interface Follower {
  abort(reason: Error): void;
}

/**
 * Listens to one signal for all who follow it. Adding and removing a listener costs more than the rest of a call, so this
 * one stays while calls come and go and leaves when none came for a tick: some signals are kept alive by their listeners.
 */
class Followers extends WheelTimer {
  readonly #wheel: TimerWheel;
  readonly #signal: AbortSignal;
  readonly #members = new Set<Follower>();

  constructor(signal: AbortSignal, wheel: TimerWheel) {
    super();
    this.#signal = signal;
    this.#wheel = wheel;
    signal.addEventListener('abort', this);
  }

  add(follower: Follower): void {
    this.#members.add(follower);
  }

  remove(follower: Follower): void {
    this.#members.delete(follower);
    if (this.#members.size === 0 && this.due === undefined) this.#wheel.arm(this, this.#wheel.monotonic());
  }

  handleEvent(): void {
    const reason = abortReason(this.#signal);
    const members = [...this.#members];
    this.#members.clear();
    for (const member of members) member.abort(reason);
    this.#leave();
  }

  expire(): void {
    if (this.#members.size === 0) this.#leave();
  }

  #leave(): void {
    this.#signal.removeEventListener('abort', this);
    this.#wheel.disarm(this);
    all.delete(this.#signal);
  }
}

const all = new WeakMap<AbortSignal, Followers>();

/** `follower.abort` is called when the signal aborts, until `unfollow`. The signal must not be aborted yet. */
export function follow(signal: AbortSignal, follower: Follower, wheel: TimerWheel): void {
  let followers = all.get(signal);
  if (!followers) all.set(signal, (followers = new Followers(signal, wheel)));
  followers.add(follower);
}

export function unfollow(signal: AbortSignal, follower: Follower): void {
  all.get(signal)?.remove(follower);
}
