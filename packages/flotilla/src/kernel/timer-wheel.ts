import type { Clock } from './clock.ts';

const TICK_MS = 10;
/** Five seconds go round once; what is due later stays in its slot until its round comes. */
const SLOTS = 512;

/**
 * Something whose time can run out. It is its own link in the wheel's lists, so arming and disarming allocate nothing and take
 * constant time: extend it with what belongs to the wait.
 */
export abstract class WheelTimer {
  /** Monotonic milliseconds by which `expire` is called, at most one tick later; undefined while it is not armed. */
  due: number | undefined = undefined;
  previous: WheelTimer = this;
  next: WheelTimer = this;

  /** Time is up. Called once for each arming. */
  abstract expire(): void;
}

class Slot extends WheelTimer {
  expire(): void {
    throw new Error('A slot holds timers and is none.');
  }
}

/**
 * Timers for waits that nearly always end before their time, such as the timeout of a call: one timer of the clock serves
 * all of them and stops when none is armed. They are coarse: up to 10 ms late, never early.
 */
export class TimerWheel implements Pick<Clock, 'monotonic'> {
  readonly #clock: Clock;
  readonly #slots: readonly Slot[] = Array.from({ length: SLOTS }, () => new Slot());
  #armed = 0;
  #ticking = false;
  #tick = 0;
  #now = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Reads the clock. */
  read(): number {
    return (this.#now = this.#clock.monotonic());
  }

  /** The last reading while the wheel turns, so at most a tick old unless the process was busy: for windows and buckets. */
  monotonic(): number {
    return this.#ticking ? this.#now : this.read();
  }

  /** Arms a timer that is not armed. */
  arm(timer: WheelTimer, due: number): void {
    timer.due = due;
    this.#armed += 1;
    if (!this.#ticking) this.#start();
    // What is due already waits for the next tick like everything else.
    const slot = this.#slots[Math.max(Math.ceil(due / TICK_MS), this.#tick + 1) % SLOTS]!;
    timer.previous = slot.previous;
    timer.next = slot;
    slot.previous.next = timer;
    slot.previous = timer;
  }

  disarm(timer: WheelTimer): void {
    if (timer.due === undefined) return;
    timer.due = undefined;
    this.#armed -= 1;
    timer.previous.next = timer.next;
    timer.next.previous = timer.previous;
    timer.next = timer.previous = timer;
  }

  #start(): void {
    this.#ticking = true;
    this.#tick = Math.floor(this.read() / TICK_MS);
    this.#wait();
  }

  // The clock's timer is left to run when the last of ours is disarmed: under traffic the next is armed before it fires.
  #wait(): void {
    this.#clock.timer(Math.ceil((this.#tick + 1) * TICK_MS - this.#now), () => this.#turn(), { hold: true });
  }

  #turn(): void {
    const last = Math.floor(this.read() / TICK_MS);
    const first = Math.max(this.#tick + 1, last - SLOTS + 1);
    this.#tick = Math.max(this.#tick, last);
    const expired: WheelTimer[] = [];
    for (let tick = first; tick <= last; tick += 1) this.#collect(this.#slots[tick % SLOTS]!, expired);
    try {
      this.#expire(expired);
    } finally {
      if (this.#armed > 0) this.#wait();
      else this.#ticking = false;
    }
  }

  #expire(timers: readonly WheelTimer[]): void {
    for (const timer of timers) {
      // One that expired before it may have disarmed it.
      if (timer.due === undefined) continue;
      this.disarm(timer);
      timer.expire();
    }
  }

  #collect(slot: Slot, expired: WheelTimer[]): void {
    for (let timer = slot.next; timer !== slot; timer = timer.next) {
      if (timer.due! <= this.#now) expired.push(timer);
    }
  }
}

const wheels = new WeakMap<Clock, TimerWheel>();

/** The wheel that all who use the same clock share. */
export function timerWheelOf(clock: Clock): TimerWheel {
  let wheel = wheels.get(clock);
  if (!wheel) wheels.set(clock, (wheel = new TimerWheel(clock)));
  return wheel;
}
