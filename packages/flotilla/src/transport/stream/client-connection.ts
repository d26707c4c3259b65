import type { Socket } from 'node:net';
import { deadlineExceeded, abortReason, type Clock, FlotillaError, type TimerWheel, timerWheelOf } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { MAX_TIMEOUT_MS } from '../http/headers.ts';
import { answerLost, stopping, unreachable } from '../unavailable.ts';
import { writeCall } from './call-content.ts';
import { CallTable } from './call-table.ts';
import { readError } from './error-content.ts';
import {
  ANSWER,
  CALL,
  CANCEL,
  type Content,
  ERROR,
  type Frame,
  GOAWAY,
  ITEM,
  MAX_CALL_ID,
  MAX_HEAD_BYTES,
  NOTHING,
  OPENED,
  PING,
  SUBSCRIBE,
  WINDOW,
} from './frame.ts';
import { Link, type LinkEnd } from './link.ts';
import { exceeds } from './measure.ts';
import { protocolError } from './protocol-error.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { Waiting } from './waiting.ts';
import { WaitingCall } from './waiting-call.ts';
import { WaitingItems } from './waiting-items.ts';
import { hasMinor } from './version.ts';

export interface ClientConnectionOptions {
  /** Of the protocol, as both sides agreed. */
  readonly version: string;
  readonly maxAnswerBytes: number;
  /** Bytes of the largest input that the other side takes. */
  readonly maxInputBytes: number;
  /** Bytes of items of one call that may be on their way or unread. */
  readonly windowBytes: number;
  readonly clock: Clock;
  /** The other side says nothing although it is asked, or speaks again. */
  readonly silence: (isSilent: boolean) => void;
  /** Called once, as soon as nothing new may be begun on it. */
  readonly retired: () => void;
  readonly closed: () => void;
}

/** Frames that wait to be sent; calls beyond are refused at once. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
/** A connection without calls closes after so many beats: a minute. */
const IDLE_BEATS = 12;

/** The side of a connection that calls. */
export class ClientConnection implements LinkEnd {
  readonly maxBodyBytes: number;
  readonly #options: ClientConnectionOptions;
  readonly #link: Link;
  readonly #wheel: TimerWheel;
  readonly #waiting = new CallTable<Waiting>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #silence: SilenceWatch;
  /** Calls that are answered with items: they may be silent for long. */
  #streams = 0;
  #lastId = 0;
  #idleBeats = 0;
  #isRetired = false;
  /** What the other side gave as its reason to end the connection. */
  #goingAway: FlotillaError | undefined;

  constructor(socket: Socket, options: ClientConnectionOptions) {
    this.#options = options;
    this.maxBodyBytes = options.maxAnswerBytes;
    this.#wheel = timerWheelOf(options.clock);
    this.#link = new Link(socket, options.clock, this);
    this.#silence = new SilenceWatch({
      wheel: this.#wheel,
      isAwaited: () => this.#waiting.size > this.#streams,
      heard: () => this.#link.heard,
      ask: () => this.#link.write(PING, 0, NOTHING),
      changed: options.silence,
    });
    // Calls in flight keep the process alive; a connection does not.
    socket.unref();
  }

  start(head: Buffer): void {
    this.#link.start(head);
  }

  /** Not `async`: the promise of the call itself is the only one. */
  call(call: Call, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const content = this.#content(call, signal);
      this.#send(CALL, new WaitingCall({ id: this.#nextId(), call, signal, resolve, reject }, this.#giveUp), content);
    });
  }

  /** A call that is answered with items, as soon as it is accepted. */
  subscribe(call: Call, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    return new Promise((resolve, reject) => {
      const { windowBytes, version } = this.#options;
      const content = this.#content(call, signal, hasMinor(version, 1) ? Infinity : MAX_TIMEOUT_MS);
      const asked = { id: this.#nextId(), call, signal, windowBytes, grant: this.#grant, resolve, reject };
      const items = new WaitingItems(asked, this.#giveUp);
      this.#send(SUBSCRIBE, items, content);
      this.#grant(items.id, windowBytes);
    });
  }

  /** Begins nothing new, waits for the answers to calls, leaves those that come in parts, and closes. */
  async close(): Promise<void> {
    this.#retire();
    for (const waiting of this.#waiting.all()) if (waiting instanceof WaitingItems) waiting.giveUp(stopping());
    await this.#closed.promise;
  }

  receive(frame: Frame): void {
    if (frame.type === ANSWER) this.#take(frame.id)?.answer(frame);
    else if (frame.type === ERROR) this.#refuse(frame);
    else if (frame.type === ITEM || frame.type === OPENED) this.#item(frame);
    else if (frame.type === GOAWAY) {
      this.#goingAway = readError(frame.body());
      this.#retire();
    }
    if (this.#isRetired) this.#closeWhenIdle();
  }

  closed(ending: Error): void {
    const reason = this.#goingAway ?? ending;
    this.#silence.end();
    this.#retire();
    for (const waiting of this.#waiting.all()) {
      this.#take(waiting.id);
      const { service } = waiting.call;
      const isSent = waiting.frameEnd <= this.#link.writer.sent;
      waiting.fail(isSent ? answerLost(service, reason) : unreachable(service, 'the connection broke', reason));
    }
    this.#closed.resolve();
    this.#options.closed();
  }

  beat(): void {
    this.#idleBeats = this.#waiting.size > 0 ? 0 : this.#idleBeats + 1;
    if (this.#idleBeats === IDLE_BEATS) this.#retire();
  }

  #send(type: number, waiting: Waiting, content: Content): void {
    this.#waiting.add(waiting);
    if (type === SUBSCRIBE) this.#streams++;
    waiting.begin(this.#wheel);
    this.#silence.begin();
    this.#link.write(type, waiting.id, content);
    waiting.frameEnd = this.#link.writer.position;
  }

  /** The call as it will be sent. Throws what keeps it from being sent. */
  #content(call: Call, signal: AbortSignal, longestMs?: number): Content {
    const { service, operation, metadata } = call;
    if (signal.aborted) throw abortReason(signal);
    if (!(metadata.remainingMs > 0)) throw deadlineExceeded(`${service}.${operation}`);
    if (this.#isRetired) throw unreachable(service, 'its process is stopping');
    if (this.#link.writer.backlog > MAX_UNSENT_BYTES) throw unreachable(service, 'it does not read what is sent to it');
    const content = writeCall(call, longestMs);
    const { maxInputBytes } = this.#options;
    if (exceeds(content.body, maxInputBytes)) {
      throw tooLarge('BODY_TOO_LARGE', `The input of ${service}.${operation} is larger than ${maxInputBytes} bytes.`);
    }
    if (exceeds(content.head, MAX_HEAD_BYTES)) {
      throw tooLarge('HEADERS_TOO_LARGE', 'What is known of the user and the trace is too much to go with a call.');
    }
    return content;
  }

  /** Bytes that are no text end the connection, and with it the call: it must still be on the list then. */
  #refuse(frame: Frame): void {
    const error = readError(frame.body());
    this.#take(frame.id)?.refuse(error);
  }

  #item(frame: Frame): void {
    const waiting = this.#waiting.get(frame.id);
    if (waiting instanceof WaitingItems) waiting.receive(frame);
    else if (waiting) throw protocolError('items come for a call that has one answer');
  }

  readonly #grant = (id: number, bytes: number): void => {
    this.#link.write(WINDOW, id, { head: '', body: String(bytes) });
  };

  readonly #giveUp = ({ id }: Waiting, reason: Error): void => {
    this.#take(id)?.fail(reason);
    this.#link.write(CANCEL, id, NOTHING);
    if (this.#isRetired) this.#closeWhenIdle();
  };

  /** Takes a call off the list; undefined when nobody waits for it any more, because an answer may come late. */
  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    if (waiting instanceof WaitingItems) this.#streams--;
    waiting.end(this.#wheel);
    return waiting;
  }

  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#options.retired();
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#waiting.size === 0) this.#link.finish();
  }

  #nextId(): number {
    do {
      this.#lastId = this.#lastId === MAX_CALL_ID ? 1 : this.#lastId + 1;
    } while (!this.#waiting.hasPlaceFor(this.#lastId));
    return this.#lastId;
  }
}

function tooLarge(code: string, message: string): FlotillaError {
  return new FlotillaError(code, { kind: 'invalid', message });
}
