import type { Clock } from '../../kernel/index.ts';
import type { Agenda } from './agenda.ts';

/** When every simulation begins: 2026-01-01T00:00:00Z. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The clock of one machine: it may be wrong, and may run a little too fast or too slow. */
export class MachineClock implements Clock {
  readonly #agenda: Agenda;
  /** How many milliseconds it counts in one real one. */
  readonly #pace: number;
  #offsetMs = 0;

  constructor(agenda: Agenda, pace = 1) {
    this.#agenda = agenda;
    this.#pace = pace;
  }

  now(): number {
    return EPOCH_MS + Math.floor(this.monotonic() + this.#offsetMs);
  }

  monotonic(): number {
    return this.#agenda.now * this.#pace;
  }

  timer(delayMs: number, callback: () => void): Disposable {
    return this.#agenda.in(delayMs / this.#pace, callback);
  }

  /** The wall clock is wrong by so much from now on; 0 sets it right. */
  setWrongBy(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }
}
