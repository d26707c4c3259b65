import type { Socket } from 'node:net';
import { deadlineExceeded, abortReason, type Clock, FlotillaError, type TimerWheel, timerWheelOf } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { answerLost, unreachable } from '../unavailable.ts';
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
  SUBSCRIBE,
  WINDOW,
} from './frame.ts';
import { Link, type LinkEnd } from './link.ts';
import { exceeds } from './measure.ts';
import { protocolError } from './protocol-error.ts';
import type { Waiting } from './waiting.ts';
import { WaitingCall } from './waiting-call.ts';
import { WaitingItems } from './waiting-items.ts';

export interface ClientConnectionOptions {
  readonly maxAnswerBytes: number;
  /** Bytes of the largest input that the other side takes. */
  readonly maxInputBytes: number;
  /** Bytes of items of one call that may be on their way or unread. */
  readonly windowBytes: number;
  readonly clock: Clock;
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

  /** A call that is answered with items. Throws what keeps it from being made. */
  subscribe(call: Call, signal: AbortSignal): AsyncIterable<unknown> {
    const { windowBytes } = this.#options;
    const content = this.#content(call, signal);
    const items = new WaitingItems({ id: this.#nextId(), call, signal, windowBytes, grant: this.#grant }, this.#giveUp);
    this.#send(SUBSCRIBE, items, content);
    this.#grant(items.id, windowBytes);
    return items.read();
  }

  /** Begins nothing new, waits for what runs, and closes. */
  async close(): Promise<void> {
    this.#retire();
    await this.#closed.promise;
  }

  receive(frame: Frame): void {
    if (frame.type === ANSWER) this.#take(frame.id)?.answer(frame);
    else if (frame.type === ERROR) this.#take(frame.id)?.refuse(readError(frame.body()));
    else if (frame.type === ITEM) this.#item(frame);
    else if (frame.type === GOAWAY) {
      this.#goingAway = readError(frame.body());
      this.#retire();
    }
    if (this.#isRetired) this.#closeWhenIdle();
  }

  closed(ending: Error): void {
    const reason = this.#goingAway ?? ending;
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
    waiting.begin(this.#wheel);
    this.#link.write(type, waiting.id, content);
    waiting.frameEnd = this.#link.writer.position;
  }

  /** The call as it will be sent. Throws what keeps it from being sent. */
  #content(call: Call, signal: AbortSignal): Content {
    const { service, operation, metadata } = call;
    if (signal.aborted) throw abortReason(signal);
    if (!(metadata.remainingMs > 0)) throw deadlineExceeded(`${service}.${operation}`);
    if (this.#isRetired) throw unreachable(service, 'its process is stopping');
    if (this.#link.writer.backlog > MAX_UNSENT_BYTES) throw unreachable(service, 'it does not read what is sent to it');
    const content = writeCall(call);
    const { maxInputBytes } = this.#options;
    if (exceeds(content.body, maxInputBytes)) {
      throw tooLarge('BODY_TOO_LARGE', `The input of ${service}.${operation} is larger than ${maxInputBytes} bytes.`);
    }
    if (exceeds(content.head, MAX_HEAD_BYTES)) {
      throw tooLarge('HEADERS_TOO_LARGE', 'What is known of the user and the trace is too much to go with a call.');
    }
    return content;
  }

  #item(frame: Frame): void {
    const waiting = this.#waiting.get(frame.id);
    if (waiting instanceof WaitingItems) waiting.item(frame);
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
