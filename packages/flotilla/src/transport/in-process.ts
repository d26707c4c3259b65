import { copyJson, type Runtime } from '../kernel/index.ts';
import { carried, fromCarried } from './border.ts';
import type { Call, CallHandler, Transport } from './call.ts';
import { withinDeadline } from './deadline.ts';
import { InFlight } from './in-flight.ts';
import { notJson } from './not-json.ts';
import { unreachable } from './unavailable.ts';

export interface InProcessTransportOptions {
  /** The host of a service in this process. */
  hosts: (service: string) => CallHandler | undefined;
  runtime: Runtime;
}

/**
 * Calls hosts in this process as if they were elsewhere: values are copied, deadlines and cancellation apply, and errors
 * arrive without what a border would hide.
 */
export function createInProcessTransport({ hosts, runtime }: InProcessTransportOptions): Transport {
  const inFlight = new InFlight();
  let closed = false;
  return {
    call: async (call, signal) => {
      if (closed) throw unreachable(call.service, 'the transport is closed');
      const host = hosts(call.service);
      if (!host) throw unreachable(call.service, 'it does not run in this process');
      const copied = { ...call, input: copyInput(call) };
      if (call.bounded) return await inFlight.track(() => cross(host, copied, signal));
      return await inFlight.track(() => withinDeadline(runtime.clock, { call, signal }, (inner) => cross(host, copied, inner)));
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      await inFlight.idle();
    },
  };
}

async function cross(host: CallHandler, call: Call, signal: AbortSignal): Promise<unknown> {
  try {
    return copyJson(await host(call, signal));
  } catch (thrown) {
    throw fromCarried(carried(thrown));
  }
}

function copyInput(call: Call): unknown {
  try {
    return copyJson(call.input);
  } catch (cause) {
    throw notJson(call, cause);
  }
}
