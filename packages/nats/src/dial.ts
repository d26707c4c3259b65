import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { untilAborted } from 'flotilla/kernel';
import type { NatsAddress } from './address.ts';

const DIAL_TIMEOUT_MS = 5_000;
/** With two that may stay unanswered, a server that hangs is given up after 6 s at most. */
const PING_INTERVAL_MS = 2_000;

/** Connects to one of the servers, or rejects; the connection ends when it is lost. */
export async function dial(
  { address, name }: { address: NatsAddress; name: string },
  signal: AbortSignal,
): Promise<NatsConnection> {
  const dialling = connect({
    servers: [...address.servers],
    name,
    timeout: DIAL_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    reconnect: false,
    ...(address.tls && { tls: {} }),
    ...(await identityOf(address)),
  });
  try {
    return await untilAborted(signal, dialling);
  } catch (thrown) {
    await dialling.then((late) => late.close()).catch(() => undefined);
    throw thrown;
  }
}

async function identityOf({ credentials, user, password }: NatsAddress): Promise<NodeConnectionOptions> {
  if (credentials !== undefined) return { authenticator: credsAuthenticator(await readFile(credentials)) };
  if (user === undefined) return {};
  return password === undefined ? { token: user } : { user, pass: password };
}
