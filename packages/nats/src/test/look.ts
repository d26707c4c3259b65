import { type JetStreamManager, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const STREAM = 'shop_inbox_mail';

/** What the server says of mail's stream; undefined while there is none. */
export async function mailStream(url: string): Promise<StreamInfo | undefined> {
  return await withManager(url, ({ streams }) => streams.info(STREAM).catch(() => undefined));
}

export async function removeMailStream(url: string): Promise<void> {
  await withManager(url, ({ streams }) => streams.delete(STREAM));
}

async function withManager<TResult>(url: string, work: (manager: JetStreamManager) => Promise<TResult>): Promise<TResult> {
  const connection = await connect({ servers: url });
  try {
    return await work(await jetstreamManager(connection));
  } finally {
    await connection.close();
  }
}
