import type { Socket } from 'node:net';
import { abortReason, type Clock, FlotillaError, follow, type TimerWheel, timerWheelOf, unfollow } from '../../kernel/index.ts';
import type { Call } from '../call.ts';
import { deadlineExceeded } from '../deadline.ts';
import { parseAnswer } from '../http/answer.ts';
import { MAX_TIMEOUT_MS } from '../http/headers.ts';
import { answerLost, unreachable } from '../unavailable.ts';
import { writeCall } from './call-content.ts';
import { readError } from './error-content.ts';
import { ANSWER, CALL, CANCEL, type Content, ERROR, type Frame, GOAWAY, MAX_CALL_ID, MAX_HEAD_BYTES, NOTHING } from './frame.ts';
import { Link, type LinkEnd } from './link.ts';
import { exceeds } from './measure.ts';
import { WaitingCall, type Waiter } from './waiting-call.ts';

export interface ClientConnectionOptions {
  readonly maxAnswerBytes: number;
  /** Bytes of the largest input that the other side takes. */
  readonly maxInputBytes: number;
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
  readonly #waiting = new Map<number, WaitingCall>();
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
    return new Promise((resolve, reject) => this.#send({ call, signal, resolve, reject }));
  }

  /** Begins nothing new, waits for what runs, and closes. */
  async close(): Promise<void> {
    this.#retire();
    await this.#closed.promise;
  }

  receive(frame: Frame): void {
    if (frame.type === ANSWER) this.#answer(frame);
    else if (frame.type === ERROR) this.#take(frame.id)?.waiter.reject(readError(frame.body()));
    else if (frame.type === GOAWAY) {
      this.#goingAway = readError(frame.body());
      this.#retire();
    }
    if (this.#isRetired) this.#closeWhenIdle();
  }

  closed(ending: Error): void {
    const reason = this.#goingAway ?? ending;
    this.#retire();
    for (const { id, frameEnd, waiter } of this.#waiting.values()) {
      this.#take(id);
      const { service } = waiter.call;
      const isSent = frameEnd <= this.#link.writer.sent;
      waiter.reject(isSent ? answerLost(service, reason) : unreachable(service, 'the connection broke', reason));
    }
    this.#closed.resolve();
    this.#options.closed();
  }

  beat(): void {
    this.#idleBeats = this.#waiting.size > 0 ? 0 : this.#idleBeats + 1;
    if (this.#idleBeats === IDLE_BEATS) this.#retire();
  }

  #send(waiter: Waiter): void {
    const { call, signal } = waiter;
    const { remainingMs } = call.metadata;
    if (signal.aborted) throw abortReason(signal);
    if (!(remainingMs > 0)) throw deadlineExceeded(`${call.service}.${call.operation}`);
    const { writer } = this.#link;
    if (this.#isRetired) throw unreachable(call.service, 'its process is stopping');
    if (writer.backlog > MAX_UNSENT_BYTES) throw unreachable(call.service, 'it does not read what is sent to it');
    const content = this.#content(call);
    const waiting = new WaitingCall(this.#nextId(), waiter, this.#giveUp);
    this.#waiting.set(waiting.id, waiting);
    this.#wheel.arm(waiting, this.#wheel.read() + Math.min(remainingMs, MAX_TIMEOUT_MS));
    follow(signal, waiting, this.#wheel);
    this.#link.write(CALL, waiting.id, content);
    waiting.frameEnd = writer.position;
  }

  #content(call: Call): Content {
    const content = writeCall(call);
    const { maxInputBytes } = this.#options;
    if (exceeds(content.body, maxInputBytes)) {
      throw tooLarge('BODY_TOO_LARGE', `The input of ${call.service}.${call.operation} is larger than ${maxInputBytes} bytes.`);
    }
    if (exceeds(content.head, MAX_HEAD_BYTES)) {
      throw tooLarge('HEADERS_TOO_LARGE', 'What is known of the user and the trace is too much to go with a call.');
    }
    return content;
  }

  #answer(frame: Frame): void {
    const waiting = this.#take(frame.id);
    if (!waiting) return;
    const { call, resolve, reject } = waiting.waiter;
    try {
      const body = frame.body();
      resolve(body === '' ? undefined : parseAnswer(call.service, body));
    } catch (thrown) {
      reject(thrown as Error);
    }
  }

  readonly #giveUp = ({ id }: WaitingCall, reason: Error): void => {
    this.#take(id)?.waiter.reject(reason);
    this.#link.write(CANCEL, id, NOTHING);
    if (this.#isRetired) this.#closeWhenIdle();
  };

  /** Takes a call off the list; undefined when nobody waits for it any more, because an answer may come late. */
  #take(id: number): WaitingCall | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    this.#wheel.disarm(waiting);
    unfollow(waiting.waiter.signal, waiting);
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
    } while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }
}

function tooLarge(code: string, message: string): FlotillaError {
  return new FlotillaError(code, { kind: 'invalid', message });
}
