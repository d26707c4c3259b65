import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Place } from './place.ts';
import type { Session } from './session.ts';

/** A publisher waits for its batch, so few are ever here; only publishers that restart again and again could add to them. */
const MOST_WAITING = 256;
const DUPLICATE_WINDOW_MS = 120_000;
/** How long a subscriber that died or froze keeps a batch from the others. */
export const ACK_WAIT_MS = 3_000;

const OTHER_CONFIGURATION = 10_058;

/** Makes sure of the stream, which keeps each batch until the subscriber has acknowledged it. Returns when it was made. */
export async function ensureStream({ manager }: Session, place: Place, replicas: number): Promise<string> {
  const created = await makeStream(manager, place, replicas);
  await forgetWhatWasLost(manager, place);
  return created;
}

async function makeStream(manager: JetStreamManager, place: Place, replicas: number): Promise<string> {
  const limits = { max_msgs: MOST_WAITING, num_replicas: replicas, duplicate_window: nanos(DUPLICATE_WINDOW_MS) };
  const config = {
    ...limits,
    name: place.stream,
    description: `Events on their way to ${place.service}.`,
    subjects: [place.subject],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
  };
  try {
    return (await manager.streams.add(config)).created;
  } catch (thrown) {
    if (!(thrown instanceof JetStreamApiError) || thrown.code !== OTHER_CONFIGURATION) throw thrown;
    return (await manager.streams.update(place.stream, limits)).created;
  }
}

/**
 * After a power failure a consumer may have saved more than its stream. It then takes new messages for known ones and passes them
 * over for ever (seen with 2.9), so it is removed, before anything is published.
 */
async function forgetWhatWasLost(manager: JetStreamManager, { stream, consumer }: Place): Promise<void> {
  const delivered = await lastDelivered(manager, stream, consumer);
  if (delivered === 0) return;
  // Asked after the consumer: what was delivered meanwhile is then in the stream's number too.
  const { state } = await manager.streams.info(stream);
  if (delivered > state.last_seq) await manager.consumers.delete(stream, consumer);
}

async function lastDelivered(manager: JetStreamManager, stream: string, consumer: string): Promise<number> {
  try {
    return (await manager.consumers.info(stream, consumer)).delivered.stream_seq;
  } catch (thrown) {
    if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.ConsumerNotFound) return 0;
    throw thrown;
  }
}

/** Makes sure of the consumer: one batch on its way at a time, in order, again and again until it is acknowledged. */
export async function ensureConsumer({ manager }: Session, { stream, consumer }: Place): Promise<void> {
  await manager.consumers.add(stream, {
    durable_name: consumer,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: 1,
  });
}
