import { Frame, HEADER_BYTES, headLength, payloadLength } from './frame.ts';
import { protocolError } from './protocol-error.ts';

/** Finds the frames in what comes in, without copying any that arrives in one piece. */
export class FrameReader {
  readonly #maxPayload: number;
  readonly #receive: (frame: Frame) => void;
  readonly #frame = new Frame();
  /** The beginning of a frame whose rest has not come yet. */
  #pieces: Buffer[] = [];
  #held = 0;

  constructor(maxPayload: number, receive: (frame: Frame) => void) {
    this.#maxPayload = maxPayload;
    this.#receive = receive;
  }

  /**
   * Takes what was received and reads the frames that begin within the first `share` bytes of it. Returns what comes behind
   * those, to be pushed next, or undefined when nothing is left to do. Throws `PROTOCOL_ERROR` for what no frame may look
   * like, and whatever `receive` throws.
   */
  push(chunk: Buffer, share = Infinity): Buffer | undefined {
    if (this.#held === 0) return this.#read(chunk, share);
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted()) return undefined;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#held = 0;
    return this.#read(bytes, bytes.length - chunk.length + share);
  }

  #read(bytes: Buffer, share: number): Buffer | undefined {
    let start = 0;
    while (bytes.length - start >= HEADER_BYTES) {
      const end = start + HEADER_BYTES + this.#checkedPayload(bytes, start);
      if (end > bytes.length) break;
      if (start >= share) return bytes.subarray(start);
      this.#frame.view(bytes, start);
      this.#receive(this.#frame);
      start = end;
    }
    this.#keep(bytes, start);
    return undefined;
  }

  #checkedPayload(bytes: Buffer, start: number): number {
    const payload = payloadLength(bytes, start);
    if (payload > this.#maxPayload) throw protocolError(`a frame of ${payload} bytes is larger than ${this.#maxPayload}`);
    if (headLength(bytes, start) > payload) throw protocolError('a head is longer than its frame');
    return payload;
  }

  /** Copies a small rest, so that a few bytes do not hold on to a large buffer. */
  #keep(chunk: Buffer, from: number): void {
    if (from === chunk.length) return;
    const rest = chunk.subarray(from);
    this.#pieces.push(rest.length * 2 < chunk.length ? Buffer.from(rest) : rest);
    this.#held = rest.length;
  }

  /** How many bytes the frame that has begun needs; with less than a header, those of the header. */
  #wanted(): number {
    const [first] = this.#pieces;
    if (first!.length < HEADER_BYTES) {
      if (this.#held < HEADER_BYTES) return HEADER_BYTES;
      this.#pieces = [Buffer.concat(this.#pieces)];
    }
    return HEADER_BYTES + this.#checkedPayload(this.#pieces[0]!, 0);
  }
}
