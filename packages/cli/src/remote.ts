import { deadlineExceeded, leavable, linkSignal, systemRuntime as runtime, untilLeft } from 'flotilla/kernel';
import { anonymous } from 'flotilla/security';
import { silentLogger, startTrace } from 'flotilla/telemetry';
import type { Call, Transport } from 'flotilla/transport';
import type { OptionSpecs } from './command.ts';
import { findEverywhere } from './running-everywhere.ts';

/** Says which running system a command means. */
export const REMOTE_OPTIONS = {
  data: { type: 'string', value: 'DIR', description: 'Data folder of the running system; found under .flotilla unless said' },
} as const satisfies OptionSpecs;

export interface RemoteCallOptions {
  timeoutMs?: number;
  /** The user to act for. */
  subject?: string | undefined;
  idempotencyKey?: string | undefined;
}

/** A running system, seen by an operator: the key in its data folder opens every operation. */
export interface Remote extends AsyncDisposable {
  readonly services: readonly string[];
  call(target: Target, input: unknown, options?: RemoteCallOptions): Promise<unknown>;
  /** The items of a stream, until they end or somebody leaves. The timeout is for the stream to begin. */
  subscribe(target: Target, input: unknown, options?: RemoteCallOptions): Promise<AsyncIterable<unknown>>;
}

export interface Target {
  readonly service: string;
  readonly operation: string;
}

const TIMEOUT_MS = 10_000;

/** Connects to the system that runs on a data folder, and to its parts on other machines. Throws `SYSTEM_NOT_RUNNING`. */
export async function connectToData(data: string | undefined): Promise<Remote> {
  const { key, processes } = await findEverywhere(data);
  const address = (service: string): string | undefined =>
    processes.find(({ services }) => services.includes(service))?.internalUrl;
  return await connect({ address, key, services: [...new Set(processes.flatMap(({ services }) => services))].sort() });
}

/** Connects to one address. Without the key one is an outsider there. */
export async function connectToUrl(url: string, key = ''): Promise<Remote> {
  return await connect({ address: () => url.replace(/\/+$/, ''), key, services: [] });
}

interface Connection {
  address: (service: string) => string | undefined;
  key: string;
  services: readonly string[];
}

async function connect({ address, key: systemKey, services }: Connection): Promise<Remote> {
  // Only now: help and mistakes are answered without it.
  const { createHttpTransport, createStreamTransport } = await import('flotilla/transport');
  await using scope = new AsyncDisposableStack();
  const plain = scope.use(createHttpTransport({ address, systemKey, runtime }));
  const streams = scope.use(createStreamTransport({ address, systemKey, runtime, log: silentLogger }));
  const opened = scope.move();
  return {
    services,
    call: async (target, input, options = {}) => {
      return await plain.call({ ...target, input, metadata: metadataOf(options) }, new AbortController().signal);
    },
    subscribe: async (target, input, options = {}) => {
      const call = { ...target, input, metadata: { ...metadataOf(options), remainingMs: Infinity } };
      return await begun(streams, call, options.timeoutMs ?? TIMEOUT_MS);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function metadataOf({ timeoutMs = TIMEOUT_MS, subject, idempotencyKey }: RemoteCallOptions): Call['metadata'] {
  return {
    identity: subject === undefined ? anonymous : { ...anonymous, subject },
    caller: { internal: true, name: 'operator' },
    trace: startTrace(runtime.random),
    correlationId: runtime.ids(),
    remainingMs: timeoutMs,
    idempotencyKey: idempotencyKey ?? runtime.ids(),
    attempt: 1,
  };
}

async function begun(transport: Transport, call: Call, timeoutMs: number): Promise<AsyncIterable<unknown>> {
  const life = linkSignal();
  using _late = runtime.clock.timer(timeoutMs, () => life.abort(deadlineExceeded(`${call.service}.${call.operation}`)), {
    hold: true,
  });
  return leavable(life, untilLeft(await transport.subscribe(call, life.signal), life.signal));
}
