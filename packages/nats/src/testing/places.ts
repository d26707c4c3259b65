import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { systemRuntime } from 'flotilla/kernel';
import { startNats } from './nats-server.ts';

const HOW = 'install nats-server 2.9 or later';
const GIVEN_URL = systemRuntime.env['FLOTILLA_TEST_NATS_URL'];

/** Why tests that start, kill and freeze a server can't run here, in one line; false when they can. */
export function withoutNatsServer(): string | false {
  return isInstalled() ? false : `There is no nats-server on the PATH: ${HOW}.`;
}

/** Why tests that only use a server can't run here; false when they can. */
export function withoutNats(): string | false {
  if (GIVEN_URL !== undefined || isInstalled()) return false;
  return `There is no NATS to test with: ${HOW}, or name a server with JetStream in FLOTILLA_TEST_NATS_URL.`;
}

/** A server to use, but not to harm. */
export interface NatsPlace extends AsyncDisposable {
  readonly url: string;
  /** A name that no other test's system has; what the bus keeps for it goes when the place is disposed. */
  newSystem(): string;
}

/** The server of `FLOTILLA_TEST_NATS_URL`, or a private one until disposed. */
export async function openNats(): Promise<NatsPlace> {
  const systems: string[] = [];
  const newSystem = (): string => systems[systems.push(`test-${systemRuntime.ids()}`) - 1]!;
  if (GIVEN_URL === undefined) {
    const server = await startNats();
    return { url: server.url, newSystem, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  return { url: GIVEN_URL, newSystem, [Symbol.asyncDispose]: () => removeStreams(GIVEN_URL, systems) };
}

async function removeStreams(url: string, systems: readonly string[]): Promise<void> {
  const connection = await connect({ servers: url });
  const { streams } = await jetstreamManager(connection);
  for await (const name of streams.names()) {
    if (systems.some((system) => name.startsWith(`${system}_`))) await streams.delete(name);
  }
  await connection.close();
}

function isInstalled(): boolean {
  return (systemRuntime.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, 'nats-server')));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
