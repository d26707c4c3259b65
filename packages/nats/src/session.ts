import { jetstream, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { abortReason, type LinkedSignal, linkSignal } from 'flotilla/kernel';

const REQUEST_TIMEOUT_MS = 5_000;

/** One connection from its beginning to its end. Nothing is carried over to the next: it may lead to an emptied server. */
export interface Session {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Aborts when the connection is lost. */
  readonly ended: AbortSignal;
}

/** A signal for work that ends with its session, if not before. */
export function duringSession({ ended }: Session, signal: AbortSignal): LinkedSignal {
  const link = linkSignal(signal);
  const end = (): void => link.abort(abortReason(ended));
  if (ended.aborted) end();
  else ended.addEventListener('abort', end, { once: true });
  return {
    ...link,
    [Symbol.dispose]() {
      ended.removeEventListener('abort', end);
      link[Symbol.dispose]();
    },
  };
}

/** JetStream over a connection. Rejects when the server has none for this account. */
export async function jetStreamOf(connection: NatsConnection): Promise<Pick<Session, 'client' | 'manager'>> {
  const manager = await jetstreamManager(connection, { timeout: REQUEST_TIMEOUT_MS });
  return { manager, client: jetstream(connection, { timeout: REQUEST_TIMEOUT_MS }) };
}
