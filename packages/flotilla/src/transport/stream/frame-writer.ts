import type { Socket } from 'node:net';
import { type Content, HEADER_BYTES, writeHeader } from './frame.ts';
import { MAX_BYTES_PER_UNIT } from './measure.ts';

/** One buffer gathers what is written within one turn of the event loop. */
const GATHER_BYTES = 64 * 1024;

/**
 * Writes frames, all of one turn with one system call. While the socket can't take more they wait here, where it is still
 * known which of them were never sent.
 */
export class FrameWriter {
  readonly #socket: Socket;
  #gathering: Buffer = Buffer.allocUnsafeSlow(GATHER_BYTES);
  #used = 0;
  #scheduled = false;
  readonly #waiting: Buffer[] = [];
  #accepted = 0;
  #sent = 0;
  readonly #flushed: () => void;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
    this.#flushed();
  };

  /** `flushed` is called after every attempt to hand on what waits; the backlog tells how far that went. */
  constructor(socket: Socket, flushed: () => void = () => undefined) {
    this.#socket = socket;
    this.#flushed = flushed;
    socket.on('drain', this.#flush);
  }

  /** How many bytes were ever written to it: the position at which the next frame begins. */
  get position(): number {
    return this.#accepted;
  }

  /** How many of them were handed to the socket. What lies behind can't have reached the other side. */
  get sent(): number {
    return this.#sent;
  }

  /** Bytes that wait for the other side to read. */
  get backlog(): number {
    return this.#accepted - this.#sent + this.#socket.writableLength;
  }

  write(type: number, id: number, { head, body }: Content): void {
    const most = HEADER_BYTES + (head.length + body.length) * MAX_BYTES_PER_UNIT;
    if (most > GATHER_BYTES) return this.#writeLarge(type, id, { head, body });
    if (most > GATHER_BYTES - this.#used) this.#endGathering();
    const bytes = this.#gathering;
    const start = this.#used;
    const headBytes = head === '' ? 0 : bytes.write(head, start + HEADER_BYTES);
    const bodyBytes = body === '' ? 0 : bytes.write(body, start + HEADER_BYTES + headBytes);
    const payload = headBytes + bodyBytes;
    writeHeader(bytes, start, { type, id, payload, head: headBytes });
    this.#used = start + HEADER_BYTES + payload;
    this.#accepted += HEADER_BYTES + payload;
    this.#schedule();
  }

  /** Hands to the socket what it takes now. */
  flush(): void {
    const socket = this.#socket;
    if (this.#waiting.length > 0) {
      this.#endGathering();
      while (this.#waiting.length > 0 && this.#takesMore()) this.#send(this.#waiting.shift()!);
    } else if (this.#used > 0 && this.#takesMore()) {
      this.#send(this.#gathering.subarray(0, this.#used));
      // What the system has taken already need not be kept: the buffer is free again.
      if (socket.writableLength > 0) this.#gathering = Buffer.allocUnsafeSlow(GATHER_BYTES);
      this.#used = 0;
    }
  }

  #takesMore(): boolean {
    return !this.#socket.destroyed && !this.#socket.writableNeedDrain;
  }

  #send(bytes: Buffer): void {
    this.#sent += bytes.length;
    this.#socket.write(bytes);
  }

  #writeLarge(type: number, id: number, { head, body }: Content): void {
    this.#endGathering();
    const headBytes = Buffer.byteLength(head);
    const payload = headBytes + Buffer.byteLength(body);
    const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + payload);
    writeHeader(bytes, 0, { type, id, payload, head: headBytes });
    bytes.write(head, HEADER_BYTES);
    bytes.write(body, HEADER_BYTES + headBytes);
    this.#waiting.push(bytes);
    this.#accepted += bytes.length;
    this.#schedule();
  }

  /** Puts what was gathered behind what waits, and begins a new buffer. */
  #endGathering(): void {
    if (this.#used === 0) return;
    this.#waiting.push(this.#gathering.subarray(0, this.#used));
    this.#gathering = Buffer.allocUnsafeSlow(GATHER_BYTES);
    this.#used = 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(this.#flush);
  }
}
