import type { Contract } from '../contract/index.ts';
import { systemRuntime } from '../kernel/index.ts';
import { anonymous } from '../security/index.ts';
import { startTrace } from '../telemetry/index.ts';
import type { Call, CallHandler, CallMetadata, ItemsHandler, Transport } from '../transport/index.ts';
import { createFarSide, type FarSide, suiteContract } from './transport-suite-far-side.ts';

/** Opens a transport that reaches `call` as the service of `contract`. Disposing the transport closes the far side as well. */
export type OpenTransport = (far: { contract: Contract; call: CallHandler; subscribe?: ItemsHandler }) => Promise<Transport>;

/** One open transport with its far side, for one test. */
export interface Setting extends AsyncDisposable {
  readonly transport: Transport;
  readonly far: FarSide;
  /** Calls an operation of the suite's service. */
  send(operation: string, input?: unknown, options?: SendOptions): Promise<unknown>;
}

export interface SendOptions {
  metadata?: Partial<CallMetadata>;
  signal?: AbortSignal;
}

export async function openSetting(open: OpenTransport): Promise<Setting> {
  const far = createFarSide();
  const transport = await open({ contract: suiteContract, call: far.call });
  return {
    transport,
    far,
    send: (operation, input, { metadata, signal = new AbortController().signal } = {}) =>
      transport.call(suiteCall(operation, input, metadata), signal),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

export function suiteCall(operation: string, input?: unknown, metadata: Partial<CallMetadata> = {}): Call {
  return { service: 'suite', operation, input, metadata: { ...suiteMetadata(), ...metadata } };
}

export function suiteMetadata(): CallMetadata {
  return {
    identity: anonymous,
    caller: { internal: true, name: 'service:near' },
    trace: startTrace(systemRuntime.random),
    correlationId: 'correlation-1',
    remainingMs: 10_000,
    attempt: 1,
  };
}
