import { parseJson } from '../../kernel/index.ts';
import { malformedAnswer } from '../http/answer.ts';
import type { Frame } from './frame.ts';
import { type Asked, type GiveUp, Waiting } from './waiting.ts';

export interface AskedOnce extends Asked {
  readonly resolve: (output: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** A call with one answer. */
export class WaitingCall extends Waiting {
  readonly #resolve: AskedOnce['resolve'];
  readonly #reject: AskedOnce['reject'];

  constructor(asked: AskedOnce, giveUp: GiveUp) {
    super(asked, giveUp);
    this.#resolve = asked.resolve;
    this.#reject = asked.reject;
  }

  answer(frame: Frame): void {
    try {
      const body = frame.body();
      this.#resolve(body === '' ? undefined : parseJson(body));
    } catch (cause) {
      this.#reject(malformedAnswer(this.call.service, cause));
    }
  }

  refuse(error: Error): void {
    this.#reject(error);
  }

  fail(reason: Error): void {
    this.#reject(reason);
  }
}
