import { deadlineExceeded, type FlotillaError, WheelTimer } from '../../kernel/index.ts';
import type { Call } from '../call.ts';

/** What the server's side of a connection knows of a call whose answer is awaited. */
export class RunningCall extends WheelTimer {
  readonly id: number;
  readonly call: Call;
  /** Nobody waits for its answer any more. */
  ended = false;
  readonly #controller = new AbortController();
  readonly #late: (running: RunningCall, error: FlotillaError) => void;

  constructor(id: number, call: Call, late: (running: RunningCall, error: FlotillaError) => void) {
    super();
    this.id = id;
    this.call = call;
    this.#late = late;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Bytes of items that the other side still wants; what begins within them may go beyond. */
  #credit = 0;
  #wakeWriter: (() => void) | undefined;

  /** The other side can take so many bytes more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#wakeWriter?.();
  }

  spend(bytes: number): void {
    this.#credit -= bytes;
  }

  /** Waits until the other side wants more. False when nobody waits for it any more. */
  async isWanted(): Promise<boolean> {
    while (this.#credit <= 0 && !this.ended) await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    return !this.ended;
  }

  abort(reason: FlotillaError): void {
    this.#controller.abort(reason);
    this.#wakeWriter?.();
  }

  expire(): void {
    this.#late(this, deadlineExceeded(`${this.call.service}.${this.call.operation}`));
  }
}
