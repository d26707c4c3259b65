import type { Socket } from 'node:net';
import { type Clock, FlotillaError } from '../../kernel/index.ts';
import { lingerOn } from '../http/linger.ts';
import { writeError } from './error-content.ts';
import { type Content, type Frame, GOAWAY, MAX_HEAD_BYTES, NOTHING, PING, PONG } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';

/** How often a silent connection is looked at. */
const BEAT_MS = 5_000;
/** After one silent beat the other side is asked for a sign of life, after so many it counts as gone. */
const BEATS_UNTIL_GONE = 3;

/** From so many bytes on a chunk is handled in two halves. */
const HALVED_BYTES = 4 * 1024;

/** What one side of a connection does with it. */
export interface LinkEnd {
  /** Largest payload of a frame that is taken, without its head. */
  readonly maxBodyBytes: number;
  /** Takes every frame but pings. What it throws ends the connection, with that reason told to the other side. */
  receive(frame: Frame): void;
  /** Nothing comes or goes any more; called once. */
  closed(reason: Error): void;
  /** Some of what waited for the other side may have been sent. */
  flushed?(): void;
  /** Another beat passed. */
  beat?(): void;
}

/** A socket that frames come and go on, watched for signs of life. */
export class Link {
  readonly writer: FrameWriter;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #end: LinkEnd;
  readonly #reader: FrameReader;
  #beat: Disposable;
  /** Pieces that came in so far. */
  heard = 0;
  #heardBefore = 0;
  #silentBeats = 0;
  #wasStuck = false;
  #taken = 0;
  /** Received, but left for later in the same turn of the event loop. */
  readonly #unread: Buffer[] = [];
  #failure: Error | undefined;
  #open = true;

  constructor(socket: Socket, clock: Clock, end: LinkEnd) {
    this.#socket = socket;
    this.#clock = clock;
    this.#end = end;
    this.writer = new FrameWriter(socket, () => end.flushed?.());
    this.#reader = new FrameReader(end.maxBodyBytes + MAX_HEAD_BYTES, (frame) => this.#receive(frame));
    this.#beat = this.#nextBeat();
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('error', (error) => (this.#failure ??= error));
    socket.once('end', () => {
      this.#readRest();
      socket.destroySoon();
    });
    socket.once('close', () => {
      this.#readRest();
      this.#close(this.#failure ?? connectionClosed());
    });
  }

  /** Begins to read; `head` are bytes that came along with the handshake. */
  start(head: Buffer): void {
    this.#socket.on('data', this.#read);
    if (head.length > 0) this.#read(head);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  write(type: number, id: number, content: Content): void {
    if (this.#open) this.writer.write(type, id, content);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends an orderly conversation: what was written still arrives. */
  finish(): void {
    if (!this.#open) return;
    this.#close(connectionClosed());
    this.#leave();
  }

  /** Ends the connection and tells the other side why, if it still listens. */
  fail(reason: FlotillaError): void {
    if (!this.#open) return;
    this.write(GOAWAY, 0, writeError(reason));
    this.#close(reason);
    if (this.#socket.writableNeedDrain) this.#socket.destroy();
    else this.#leave();
  }

  /** Reads on for a moment, because closing with unread bytes would take back what was written last. */
  #leave(): void {
    this.#socket.off('data', this.#read);
    this.writer.flush();
    this.#socket.end();
    lingerOn(this.#socket, this.#clock, () => this.#socket.destroy());
  }

  /**
   * Of many frames at once only one half is handled before what it leads to is sent: then both sides work at the same time,
   * where otherwise each would wait while the other handles everything.
   */
  readonly #read = (chunk: Buffer): void => {
    this.heard += 1;
    if (this.#unread.length > 0) this.#unread.push(chunk);
    else this.#handle(chunk, chunk.length < HALVED_BYTES ? Infinity : chunk.length / 2);
  };

  #handle(chunk: Buffer, share: number): void {
    try {
      const rest = this.#reader.push(chunk, share);
      if (!rest) return;
      this.#unread.push(rest);
      setImmediate(this.#readRest);
    } catch (thrown) {
      this.fail(thrown as FlotillaError);
    }
  }

  readonly #readRest = (): void => {
    for (let chunk = this.#unread.shift(); chunk; chunk = this.#unread.shift()) this.#handle(chunk, Infinity);
  };

  #receive(frame: Frame): void {
    if (!this.#open) return;
    if (frame.type === PING) this.write(PONG, 0, NOTHING);
    else if (frame.type !== PONG) this.#end.receive(frame);
  }

  #close(reason: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#beat[Symbol.dispose]();
    this.#end.closed(reason);
  }

  #nextBeat(): Disposable {
    return this.#clock.timer(BEAT_MS, () => {
      this.#beat = this.#nextBeat();
      this.#look();
      if (this.#open) this.#end.beat?.();
    });
  }

  /**
   * A process that was itself asleep gets only one beat for all the time, and then reads what came in meanwhile. Who takes
   * some of what the system could not get rid of is alive as well, however slow.
   */
  #look(): void {
    const waiting = this.#socket.writableLength;
    const taken = this.writer.sent - waiting;
    const isAlive = this.heard !== this.#heardBefore || (this.#wasStuck && taken > this.#taken);
    this.#heardBefore = this.heard;
    this.#wasStuck = waiting > 0;
    this.#taken = taken;
    this.#silentBeats = isAlive ? 0 : this.#silentBeats + 1;
    if (this.#silentBeats === 1) this.write(PING, 0, NOTHING);
    else if (this.#silentBeats === BEATS_UNTIL_GONE) this.fail(silent());
  }
}

function connectionClosed(): FlotillaError {
  return new FlotillaError('CONNECTION_CLOSED', { kind: 'unavailable', message: 'The other side closed the connection.' });
}

function silent(): FlotillaError {
  const message = `The other side gave no sign of life for ${((BEATS_UNTIL_GONE - 1) * BEAT_MS) / 1_000} seconds.`;
  return new FlotillaError('CONNECTION_SILENT', { kind: 'unavailable', message });
}
