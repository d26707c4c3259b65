import { headers } from '@nats-io/transport-node';
import { type Clock, sleep } from 'flotilla/kernel';
import { busUnavailable, isFull, nobodyAnswers } from './errors.ts';
import type { Parcel } from './pack.ts';
import type { Place } from './place.ts';
import { createReceipts, type Receipt, RECEIPT_TO, type Spot } from './receipts.ts';
import type { Session } from './session.ts';
import { ensureStream } from './stream.ts';

const ROOM_POLL_MS = 100;

/** What is published within one session. */
export interface Publisher {
  /** Puts a message into its subscriber's stream, as soon as there is room. */
  put(place: Place, parcel: Parcel, signal: AbortSignal): Promise<Spot>;
  /** To be asked for before the message is put. */
  expect(place: Place, parcel: Parcel): Receipt;
}

export interface PublisherOptions {
  readonly replicas: number;
  /** Where this process hears of what was handled. */
  readonly receiptSubject: string;
  readonly clock: Clock;
}

export function createPublisher(session: Session, { replicas, receiptSubject, clock }: PublisherOptions): Publisher {
  const receipts = createReceipts(session, receiptSubject, clock);
  /** When each stream was made. */
  const made = new Map<string, Promise<string>>();

  async function tryPut(place: Place, parcel: Parcel): Promise<Spot> {
    const making = made.get(place.stream) ?? ensureStream(session, place, replicas);
    made.set(place.stream, making);
    try {
      const created = await making;
      const header = headers();
      header.set(RECEIPT_TO, receiptSubject);
      return { created, ...(await session.client.publish(place.subject, parcel.body, { msgID: parcel.id, headers: header })) };
    } catch (thrown) {
      // It could not be made, or somebody removed it under a living connection: the next try makes it anew.
      if (!isFull(thrown)) made.delete(place.stream);
      throw nobodyAnswers(thrown) ? busUnavailable(`NATS has lost ${place.stream}`, thrown) : thrown;
    }
  }

  return {
    expect: ({ stream }, { id }) => receipts.expect(stream, id),
    async put(place, parcel, signal) {
      for (;;) {
        try {
          return await tryPut(place, parcel);
        } catch (thrown) {
          if (!isFull(thrown)) throw thrown;
        }
        await sleep(clock, ROOM_POLL_MS, signal);
      }
    },
  };
}
