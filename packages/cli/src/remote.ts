import { systemRuntime as runtime } from 'flotilla/kernel';
import { anonymous } from 'flotilla/security';
import { startTrace } from 'flotilla/telemetry';
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
  call(target: { service: string; operation: string }, input: unknown, options?: RemoteCallOptions): Promise<unknown>;
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

async function connect({ address, key, services }: Connection): Promise<Remote> {
  // Only now: help and mistakes are answered without it.
  const { createHttpTransport } = await import('flotilla/transport');
  const transport = createHttpTransport({ address, systemKey: key, runtime });
  return {
    services,
    call: async (target, input, { timeoutMs = TIMEOUT_MS, subject, idempotencyKey } = {}) => {
      const metadata = {
        identity: subject === undefined ? anonymous : { ...anonymous, subject },
        caller: { internal: true, name: 'operator' },
        trace: startTrace(runtime.random),
        correlationId: runtime.ids(),
        remainingMs: timeoutMs,
        idempotencyKey: idempotencyKey ?? runtime.ids(),
        attempt: 1,
      };
      return await transport.call({ ...target, input, metadata }, new AbortController().signal);
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
