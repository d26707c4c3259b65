import { type TimerWheel, WheelTimer } from '../../kernel/index.ts';

export interface SilenceWatchOptions {
  readonly wheel: TimerWheel;
  /** Somebody waits for an answer. */
  readonly isAwaited: () => boolean;
  /** Grows with everything that comes. */
  readonly heard: () => number;
  /** Asks for a sign of life. */
  readonly ask: () => void;
  readonly changed: (isSilent: boolean) => void;
}

const LOOK_MS = 500;

/**
 * Notices that the other side says nothing although somebody waits for it: after half a second it is asked for a sign of life, and
 * after another half it counts as silent until it says something. It may only be busy, so nothing is given up for that; but whoever
 * has a choice asks somebody else meanwhile. It looks while somebody waits, and costs a comparison for each call.
 */
export class SilenceWatch extends WheelTimer {
  readonly #options: SilenceWatchOptions;
  #heard = 0;
  #isAsked = false;
  #isSilent = false;

  constructor(options: SilenceWatchOptions) {
    super();
    this.#options = options;
  }

  /** A call begins. */
  begin(): void {
    if (this.due !== undefined) return;
    this.#heard = this.#options.heard();
    this.#isAsked = false;
    this.#lookLater();
  }

  end(): void {
    this.#options.wheel.disarm(this);
    this.#tell(false);
  }

  expire(): void {
    const heard = this.#options.heard();
    if (heard !== this.#heard) this.#isAsked = false;
    this.#tell(heard === this.#heard && this.#isAsked);
    if (!this.#options.isAwaited()) return this.#tell(false);
    if (heard === this.#heard && !this.#isAsked) {
      this.#isAsked = true;
      this.#options.ask();
    }
    this.#heard = heard;
    this.#lookLater();
  }

  #lookLater(): void {
    const { wheel } = this.#options;
    wheel.arm(this, wheel.read() + LOOK_MS);
  }

  #tell(isSilent: boolean): void {
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    this.#options.changed(isSilent);
  }
}
