import { type Clock, linkSignal, sleep } from 'flotilla/kernel';
import { busUnavailable } from './errors.ts';
import type { Session } from './session.ts';

/** Header of a message: the subject on which its publisher waits to hear that it was handled. */
export const RECEIPT_TO = 'Flotilla-Receipt-To';

/** A receipt may get lost with a connection; the stream then tells, a little later. */
const FIRST_LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 5_000;

/** A place in one incarnation of a stream. */
export interface Spot {
  readonly stream: string;
  readonly seq: number;
  /** When the stream was made: one that was made anew knows nothing of what the old one had taken. */
  readonly created: string;
  /** The server had this message before, so its receipt may have gone to somebody else. */
  readonly duplicate: boolean;
}

/** Hears when one message was handled, from before it is sent until disposed. */
export interface Receipt extends Disposable {
  /** Resolves when it was handled; rejects when the signal aborts or the stream it was put into is another one now. */
  handled(spot: Spot, signal: AbortSignal): Promise<void>;
}

/** What subscribers have handled, as one publishing connection hears of it. */
export interface Receipts {
  expect(stream: string, messageId: string): Receipt;
}

/**
 * What a receipt says. The same events go to several streams under one id; and not their place there, because a late word about a
 * stream that is no more must not be taken for one about its successor.
 */
export function receiptName(stream: string, messageId: string): string {
  return `${stream} ${messageId}`;
}

/** Listens on the subject that the publisher's messages name. */
export function createReceipts({ connection, manager }: Session, subject: string, clock: Clock): Receipts {
  const waiting = new Set<{ readonly name: string; readonly arrived: () => void }>();
  connection.subscribe(subject, {
    callback(error, message) {
      const handled = error ? undefined : message.string();
      for (const { name, arrived } of waiting) if (name === handled) arrived();
    },
  });

  /** Looks into the stream: a message leaves it when it is acknowledged, and no sooner. */
  async function isGone({ stream, seq, created }: Spot): Promise<boolean> {
    const { created: madeAt, state } = await manager.streams.info(stream);
    if (madeAt !== created || state.last_seq < seq) throw busUnavailable(`NATS has lost what was in ${stream}`);
    return state.first_seq > seq;
  }

  async function untilGone(spot: Spot, signal: AbortSignal): Promise<void> {
    for (let pauseMs = spot.duplicate ? 0 : FIRST_LOOK_MS; ; pauseMs = Math.min(LONGEST_LOOK_MS, pauseMs + FIRST_LOOK_MS)) {
      await sleep(clock, pauseMs, signal);
      if (await isGone(spot)) return;
    }
  }

  return {
    expect(stream, messageId) {
      const { promise, resolve: arrived } = Promise.withResolvers<void>();
      const waiter = { name: receiptName(stream, messageId), arrived };
      waiting.add(waiter);
      const looking = new AbortController();
      return {
        async handled(spot, signal) {
          using link = linkSignal(signal);
          looking.signal.addEventListener('abort', () => link.abort(new Error('Nobody waits for it any more.')));
          await Promise.race([promise, untilGone(spot, link.signal)]);
        },
        [Symbol.dispose]() {
          waiting.delete(waiter);
          looking.abort();
        },
      };
    },
  };
}
