import type { Socket } from 'node:net';
import { deadlineExceeded, FlotillaError, type Runtime, type TimerWheel, timerWheelOf, untilLeft } from '../../kernel/index.ts';
import type { Call, CallHandler, ItemsHandler } from '../call.ts';
import { clientLeft } from '../http/request-body.ts';
import { unreachable } from '../unavailable.ts';
import { readCall } from './call-content.ts';
import { CallTable } from './call-table.ts';
import { writeError } from './error-content.ts';
import {
  ANSWER,
  CALL,
  CANCEL,
  type Content,
  ERROR,
  type Frame,
  GOAWAY,
  HEADER_BYTES,
  ITEM,
  NOTHING,
  OPENED,
  SUBSCRIBE,
  WINDOW,
} from './frame.ts';
import type { StreamLimits } from './limits.ts';
import { Link, type LinkEnd } from './link.ts';
import { exceeds } from './measure.ts';
import { isProtocolError, protocolError } from './protocol-error.ts';
import { RunningCall } from './running-call.ts';
import { hasMinor } from './version.ts';

export interface ServerConnectionOptions {
  readonly call: (service: string) => CallHandler | undefined;
  readonly subscribe: (service: string) => ItemsHandler | undefined;
  readonly limits: StreamLimits;
  /** Bytes of the largest answer that the other side takes. */
  readonly maxAnswerBytes: number;
  /** Of the protocol, as both sides agreed. */
  readonly version: string;
  readonly runtime: Runtime;
  readonly closed: (connection: ServerConnection, reason: Error) => void;
}

/** A socket says nothing when less than its own buffer was read, so no limit may be lower. */
const MIN_BACKLOG_BYTES = 128 * 1024;
/** How far beyond the limit answers may pile up that were under way already when the limit was reached. */
const OVERRUN = 64;

/** The side of a connection that answers. */
export class ServerConnection implements LinkEnd {
  readonly maxBodyBytes: number;
  readonly #options: ServerConnectionOptions;
  readonly #link: Link;
  readonly #wheel: TimerWheel;
  readonly #running = new CallTable<RunningCall>();
  /** Those of them that are answered with items. */
  readonly #streaming = new Set<RunningCall>();
  /** Handlers at work, with those whose callers left: opening and cancelling calls in a loop does not get around the limit. */
  #working = 0;
  readonly #maxBacklog: number;
  #paused = false;
  readonly #breakOff = (running: RunningCall, error: FlotillaError): void => {
    running.abort(error);
    if (this.#end(running)) this.#write(ERROR, running.id, writeError(error));
  };

  constructor(socket: Socket, options: ServerConnectionOptions) {
    this.#options = options;
    this.maxBodyBytes = options.limits.inputBytes;
    this.#maxBacklog = Math.max(options.limits.backlogBytes, MIN_BACKLOG_BYTES);
    this.#wheel = timerWheelOf(options.runtime.clock);
    this.#link = new Link(socket, options.runtime.clock, this);
  }

  start(head: Buffer): void {
    this.#link.start(head);
  }

  /**
   * Asks the other side to begin nothing new here; it closes the connection when it has all its answers. Those that come in parts
   * may have no end, so they are broken off.
   */
  drain(reason: FlotillaError): void {
    this.#link.write(GOAWAY, 0, writeError(reason));
    for (const running of this.#streaming) this.#breakOff(running, reason);
  }

  receive(frame: Frame): void {
    if (frame.type === CALL) this.#begin(frame, this.#options.call, this.#answer);
    else if (frame.type === CANCEL) this.#cancel(frame.id);
    else if (frame.type === SUBSCRIBE) this.#begin(frame, this.#options.subscribe, this.#sendItems);
    else if (frame.type === WINDOW) this.#running.get(frame.id)?.grant(readBytes(frame));
  }

  closed(reason: Error): void {
    for (const running of this.#running.all()) {
      this.#end(running);
      running.abort(clientLeft());
    }
    this.#options.closed(this, reason);
  }

  flushed(): void {
    if (!this.#paused || this.#link.writer.backlog > this.#maxBacklog) return;
    this.#paused = false;
    this.#link.resume();
  }

  #begin<THandler>(
    frame: Frame,
    handlers: (service: string) => THandler | undefined,
    run: (running: RunningCall, handler: THandler) => Promise<void>,
  ): void {
    const { id } = frame;
    if (id === 0 || this.#running.has(id)) throw protocolError(`the call ${id} can not begin`);
    try {
      const call = readCall(frame);
      const handler = handlers(call.service);
      if (!handler) throw unreachable(call.service, 'it does not run in the process that was asked');
      void run(this.#admit(id, call), handler);
    } catch (thrown) {
      if (isProtocolError(thrown)) throw thrown;
      this.#write(ERROR, id, writeError(thrown));
    }
  }

  /** Throws when the call must not even begin. */
  #admit(id: number, call: Call): RunningCall {
    const { remainingMs } = call.metadata;
    const { limits } = this.#options;
    if (!(remainingMs > 0)) throw deadlineExceeded(`${call.service}.${call.operation}`);
    if (this.#working >= limits.calls) throw tooManyCalls(limits.calls);
    const running = new RunningCall(id, call, this.#breakOff);
    this.#running.add(running);
    if (remainingMs !== Infinity) this.#wheel.arm(running, this.#wheel.read() + remainingMs);
    return running;
  }

  readonly #answer = async (running: RunningCall, handler: CallHandler): Promise<void> => {
    this.#working++;
    try {
      const content = this.#content(await handler(running.call, running.signal));
      if (this.#end(running)) this.#write(ANSWER, running.id, content);
    } catch (thrown) {
      if (this.#end(running)) this.#write(ERROR, running.id, writeError(thrown));
    }
    this.#working--;
  };

  readonly #sendItems = async (running: RunningCall, handler: ItemsHandler): Promise<void> => {
    this.#working++;
    this.#streaming.add(running);
    try {
      const items = await handler(running.call, running.signal);
      if (hasMinor(this.#options.version, 1) && !running.ended) this.#write(OPENED, running.id, NOTHING);
      for await (const item of untilLeft(items, running.signal)) {
        const content = this.#content(item ?? null);
        if (!(await running.isWanted())) break;
        running.spend(HEADER_BYTES + Buffer.byteLength(content.body));
        this.#write(ITEM, running.id, content);
      }
      if (this.#end(running)) this.#write(ANSWER, running.id, NOTHING);
    } catch (thrown) {
      if (this.#end(running)) this.#write(ERROR, running.id, writeError(thrown));
    }
    this.#streaming.delete(running);
    this.#working--;
  };

  #cancel(id: number): void {
    const running = this.#running.get(id);
    if (!running) return;
    this.#end(running);
    running.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The caller went away.' }));
  }

  /** False when it had ended already; its number may belong to another call by now. */
  #end(running: RunningCall): boolean {
    if (running.ended) return false;
    running.ended = true;
    this.#wheel.disarm(running);
    return this.#running.delete(running.id);
  }

  #content(output: unknown): Content {
    const body = (JSON.stringify(output) as string | undefined) ?? '';
    if (!exceeds(body, this.#options.maxAnswerBytes)) return { head: '', body };
    const message = `The answer is larger than the ${this.#options.maxAnswerBytes} bytes that the caller takes.`;
    throw new FlotillaError('ANSWER_TOO_LARGE', { kind: 'internal', message });
  }

  #write(type: number, id: number, content: Content): void {
    this.#link.write(type, id, content);
    const { backlog } = this.#link.writer;
    if (backlog <= this.#maxBacklog) return;
    if (backlog > this.#maxBacklog * OVERRUN) this.#link.fail(tooSlow());
    else if (!this.#paused) {
      this.#paused = true;
      this.#link.pause();
    }
  }
}

/** What a window frame grants. */
function readBytes(frame: Frame): number {
  const bytes = Number(frame.body());
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
  throw protocolError('a window is opened by something that is no number of bytes');
}

function tooManyCalls(limit: number): FlotillaError {
  const message = `More than ${limit} calls of one process run here at once. Spread them over more instances, or over time.`;
  return new FlotillaError('TOO_MANY_CALLS', { kind: 'exhausted', message, details: { limit, sent: false } });
}

function tooSlow(): FlotillaError {
  return new FlotillaError('TOO_SLOW', { kind: 'exhausted', message: 'The other side does not read its answers.' });
}
