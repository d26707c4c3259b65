import type { Transport } from './call.ts';

export interface RouteTransportOptions {
  /** True for services that run in this process. */
  isLocal: (service: string) => boolean;
  local: Transport;
  remote: Transport;
}

/** Calls services of this process directly and all others over the remote transport. Disposing closes both. */
export function routeTransport({ isLocal, local, remote }: RouteTransportOptions): Transport {
  return {
    call: (call, signal) => (isLocal(call.service) ? local : remote).call(call, signal),
    subscribe: (call, signal) => (isLocal(call.service) ? local : remote).subscribe(call, signal),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([local[Symbol.asyncDispose](), remote[Symbol.asyncDispose]()]);
    },
  };
}
