import { copyJson, type LinkedSignal, type Runtime } from '../kernel/index.ts';
import { carried, fromCarried } from './border.ts';
import type { Call, CallHandler, ItemsHandler, Transport } from './call.ts';
import { withinDeadline } from './deadline.ts';
import { InFlight } from './in-flight.ts';
import { crossItems } from './in-process-items.ts';
import { noStream } from './no-stream.ts';
import { notJson } from './not-json.ts';
import { stopping, unreachable } from './unavailable.ts';

export interface InProcessTransportOptions {
  /** The host of a service in this process. */
  hosts: (service: string) => CallHandler | undefined;
  /** What of it answers calls with items; nothing unless said. */
  streams?: (service: string) => ItemsHandler | undefined;
  runtime: Runtime;
}

/**
 * Calls hosts in this process as if they were elsewhere: values are copied, deadlines and cancellation apply, and errors
 * arrive without what a border would hide.
 */
export function createInProcessTransport({ hosts, streams = () => noStream, runtime }: InProcessTransportOptions): Transport {
  const inFlight = new InFlight();
  const open = new Set<LinkedSignal>();
  let closed = false;
  const find = <THost>({ service }: Call, among: (service: string) => THost | undefined): THost => {
    if (closed) throw unreachable(service, 'the transport is closed');
    const host = among(service);
    if (!host) throw unreachable(service, 'it does not run in this process');
    return host;
  };
  const cross = async (host: CallHandler, call: Call, signal: AbortSignal): Promise<unknown> => {
    inFlight.begin();
    try {
      return copyJson(await host(call, signal));
    } catch (thrown) {
      throw fromCarried(carried(thrown));
    } finally {
      inFlight.end();
    }
  };
  return {
    // Not an async function: bounded calls, which nearly all are, have one promise here.
    call: (call, signal) => {
      try {
        const host = find(call, hosts);
        const copied = { ...call, input: copyInput(call) };
        if (call.bounded) return cross(host, copied, signal);
        return withinDeadline(runtime.clock, { call, signal }, (inner) => cross(host, copied, inner));
      } catch (thrown) {
        return Promise.reject(thrown as Error);
      }
    },
    subscribe: async (call, signal) => {
      const host = find(call, streams);
      const copied = { ...call, input: copyInput(call) };
      return await crossItems(host, copied, { signal, clock: runtime.clock, open });
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      for (const life of open) life.abort(stopping());
      await inFlight.idle();
    },
  };
}

function copyInput(call: Call): unknown {
  try {
    return copyJson(call.input);
  } catch (cause) {
    throw notJson(call, cause);
  }
}
