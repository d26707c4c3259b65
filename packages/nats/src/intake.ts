import { type Consumer, type JsMsg, PubHeaders } from '@nats-io/jetstream';
import { type FlotillaError, linkSignal, type Runtime } from 'flotilla/kernel';
import { backoffMs, every } from 'flotilla/log';
import type { Deliver, EventMessage } from 'flotilla/messaging';
import type { Health, Logger } from 'flotilla/telemetry';
import { busClosed, toBusError } from './errors.ts';
import type { Link } from './link.ts';
import { unpack } from './pack.ts';
import { persist } from './persist.ts';
import type { Place } from './place.ts';
import { RECEIPT_TO, receiptName } from './receipts.ts';
import { duringSession, type Session } from './session.ts';
import { ACK_WAIT_MS, ensureConsumer, ensureStream } from './stream.ts';

const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;

export interface IntakeOptions {
  readonly link: Link;
  readonly place: Place;
  readonly replicas: number;
  readonly deliver: Deliver;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** The way in for one subscriber: takes its batches one at a time, acknowledges what was handled, gives back what failed. */
export interface Intake extends AsyncDisposable {
  health(): Health;
}

export function createIntake(options: IntakeOptions): Intake {
  return new StreamIntake(options);
}

class StreamIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #stop = linkSignal();
  readonly #running: Promise<void>;
  #health: Health = { status: 'UP' };

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#running = this.#run(this.#stop.signal);
  }

  health(): Health {
    return this.#health;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(busClosed());
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { link, runtime } = this.#options;
    let session: Session | undefined;
    const attempt = async (begun: () => void): Promise<void> => {
      session = await link.session(signal);
      using during = duringSession(session, signal);
      await this.#consume(session, during.signal, begun);
    };
    const failed = (thrown: unknown): void => {
      // A lost connection is the link's to report.
      if (session?.connection.isClosed() !== true) this.#failed(toBusError(thrown));
    };
    await persist({ runtime, signal, attempt, failed });
  }

  #failed(error: FlotillaError): void {
    this.#options.log.warn({ err: error }, 'takes no events for the moment and tries again');
    this.#health = { status: 'DEGRADED', reason: error.message };
  }

  /** Takes batches until the signal aborts. Rejects when nothing comes any more, not even a sign of life. */
  async #consume(session: Session, signal: AbortSignal, begun: () => void): Promise<void> {
    const { place, replicas } = this.#options;
    await ensureStream(session, place, replicas);
    await ensureConsumer(session, place);
    const consumer = await session.client.consumers.get(place.stream, place.consumer);
    begun();
    this.#health = { status: 'UP' };
    while (!signal.aborted) {
      const message = await nextOf(consumer, signal);
      if (message) await this.#take(session, message, signal);
    }
  }

  async #take(session: Session, message: JsMsg, signal: AbortSignal): Promise<void> {
    const { runtime, deliver, log } = this.#options;
    const batch = this.#read(message);
    if (batch === undefined) return;
    using _patience = every(runtime.clock, ACK_WAIT_MS / 3, () => answer(() => message.working()));
    try {
      await deliver(batch, signal);
      // In this order: what is acknowledged is gone, and its publisher must have heard of it.
      answer(() => sendReceipt(session, message));
      answer(() => message.ack());
      this.#health = { status: 'UP' };
    } catch (thrown) {
      if (signal.aborted) return answer(() => message.nak());
      const error = toBusError(thrown);
      const { deliveryCount } = message.info;
      log.warn({ deliveryCount, err: thrown }, 'could not handle a batch of events and gets it again');
      this.#health = { status: 'DEGRADED', reason: error.message };
      answer(() => message.nak(backoffMs(runtime.random, deliveryCount)));
    }
  }

  /** What can't be a batch was not sent by a relay. It would come again for ever, so it is dropped, loudly. */
  #read(message: JsMsg): readonly EventMessage[] | undefined {
    try {
      return unpack(message.data);
    } catch (thrown) {
      const { subject, seq } = message;
      this.#options.log.error({ subject, seq, bytes: message.data.length, err: thrown }, 'dropped what is no batch of events');
      answer(() => message.term());
      return undefined;
    }
  }
}

/** Asks for one batch, and not before the one before it is done with: a request that nobody waits for could swallow a batch. */
async function nextOf(consumer: Consumer, signal: AbortSignal): Promise<JsMsg | undefined> {
  const messages = await consumer.fetch({ max_messages: 1, expires: PULL_EXPIRES_MS, idle_heartbeat: HEARTBEAT_MS });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const message of messages) return message;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function sendReceipt({ connection }: Session, { headers, info }: JsMsg): void {
  if (headers?.has(RECEIPT_TO)) {
    connection.publish(headers.get(RECEIPT_TO), receiptName(info.stream, headers.get(PubHeaders.MsgIdHdr)));
  }
}

/** An answer that can't be sent any more needs none: the server then gives the batch out again. */
function answer(send: () => void): void {
  try {
    send();
  } catch {
    // The connection is closed.
  }
}
