import { FlotillaError, parseJson } from '../../kernel/index.ts';
import { malformedAnswer } from '../http/answer.ts';
import { type Frame, HEADER_BYTES, ITEM } from './frame.ts';
import { protocolError } from './protocol-error.ts';
import { type Asked, type GiveUp, Waiting } from './waiting.ts';

export interface AskedForItems extends Asked {
  /** The call was accepted, or was not. */
  readonly resolve: (items: AsyncIterable<unknown>) => void;
  readonly reject: (reason: Error) => void;
  /** Bytes of items that may be on their way or unread. */
  readonly windowBytes: number;
  /** Lets the other side send so many bytes more. */
  readonly grant: (id: number, bytes: number) => void;
}

interface Item {
  readonly value: unknown;
  readonly bytes: number;
}

/** A call that is answered with items. The other side sends no more of them than the reader keeps up with. */
export class WaitingItems extends Waiting {
  readonly #asked: AskedForItems;
  readonly #unread: Item[] = [];
  /** Bytes that the other side may still send; what begins within them may go beyond. */
  #credit: number;
  #readBytes = 0;
  #isOpen = false;
  #end: { readonly error: Error | undefined } | undefined;
  #wakeReader: (() => void) | undefined;

  constructor(asked: AskedForItems, giveUp: GiveUp) {
    super(asked, giveUp);
    this.#asked = asked;
    this.#credit = asked.windowBytes;
  }

  /** Some tell stories without an end. */
  override get longestMs(): number {
    return Infinity;
  }

  /** Throws `PROTOCOL_ERROR` for more than was asked for. */
  receive(frame: Frame): void {
    // What an older version does not say is clear with the first item.
    this.#opened();
    if (frame.type === ITEM) this.#item(frame);
  }

  #opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#asked.resolve(this.#read());
  }

  #item(frame: Frame): void {
    if (this.#credit <= 0) throw protocolError('more items come than were asked for');
    const bytes = HEADER_BYTES + frame.bodyBytes;
    this.#credit -= bytes;
    try {
      this.#unread.push({ value: parseJson(frame.body()), bytes });
    } catch (cause) {
      this.giveUp(malformedAnswer(this.call.service, cause));
    }
    this.#wakeReader?.();
  }

  answer(): void {
    this.#opened();
    this.#finish(undefined);
  }

  refuse(error: Error): void {
    this.#finish(error);
  }

  fail(reason: Error): void {
    this.#unread.length = 0;
    this.#finish(reason);
  }

  /** What arrives, in its order. To leave the loop ends the call. */
  async *#read(): AsyncGenerator<unknown, void> {
    try {
      while (true) {
        const item = this.#unread.shift();
        if (item) {
          this.#grantAfter(item.bytes);
          yield item.value;
        } else if (!this.#end) await new Promise<void>((resolve) => (this.#wakeReader = resolve));
        else if (this.#end.error) throw this.#end.error;
        else return;
      }
    } finally {
      if (!this.#end) this.giveUp(new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The reader went away.' }));
    }
  }

  /** In large steps, so that reading many small items leads to few frames. */
  #grantAfter(bytes: number): void {
    this.#readBytes += bytes;
    if (this.#end || this.#readBytes * 2 < this.#asked.windowBytes) return;
    this.#credit += this.#readBytes;
    this.#asked.grant(this.id, this.#readBytes);
    this.#readBytes = 0;
  }

  #finish(error: Error | undefined): void {
    if (!this.#isOpen) this.#asked.reject(error!);
    this.#end ??= { error };
    this.#wakeReader?.();
  }
}
