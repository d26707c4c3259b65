import { type FlotillaError, WheelTimer } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { deadlineExceeded } from '../deadline.ts';

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

  abort(reason: FlotillaError): void {
    this.#controller.abort(reason);
  }

  expire(): void {
    this.#late(this, deadlineExceeded(`${this.call.service}.${this.call.operation}`));
  }
}
