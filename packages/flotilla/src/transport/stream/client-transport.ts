import { isFlotillaError, type Runtime, timerWheelOf } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Call, Transport } from '../call.ts';
import { createHttpTransport } from '../http/client-transport.ts';
import { InFlight } from '../in-flight.ts';
import { unreachable } from '../unavailable.ts';
import { ArrivingCall } from './arriving-call.ts';
import type { ClientConnection } from './client-connection.ts';
import { defaultStreamLimits } from './limits.ts';
import { Origin } from './origin.ts';

export interface StreamTransportOptions {
  /** Where the process of a service listens: `http://127.0.0.1:4001`. Asked for every call, so it may change. */
  address: (service: string) => string | undefined;
  systemKey: string;
  /** Larger answers fail; 16 MiB unless said. */
  maxAnswerBytes?: number;
  runtime: Runtime;
  log: Logger;
}

/**
 * Calls services in other processes over one connection to each process, many calls at once. Where a process speaks plain
 * HTTP only, calls go to it that way.
 */
export function createStreamTransport(options: StreamTransportOptions): Transport {
  const { address, systemKey, runtime, log, maxAnswerBytes = defaultStreamLimits.answerBytes } = options;
  const origins = new Map<string, Origin>();
  const arriving = new InFlight();
  const plain = createHttpTransport({ address, systemKey, runtime, maxAnswerBytes });
  let closed = false;

  const originAt = (url: string): Origin => {
    let origin = origins.get(url);
    if (!origin) {
      for (const [known, { isIdle }] of origins) if (isIdle) origins.delete(known);
      origins.set(url, (origin = new Origin(url, { systemKey, maxAnswerBytes, runtime, log })));
    }
    return origin;
  };
  /** The slow way, for the first calls only. */
  const callOnceConnected = async (origin: Origin, made: Call, signal: AbortSignal): Promise<unknown> => {
    const arriving = new ArrivingCall(made, signal, timerWheelOf(runtime.clock));
    const { connection, call } = await arriving.once(() => connect(origin, made.service));
    return await (connection ?? plain).call(call, signal);
  };
  return {
    call: (call, signal) => {
      if (closed) return Promise.reject(unreachable(call.service, 'the transport is closed'));
      const url = call.endpoint ?? address(call.service);
      if (url === undefined) return Promise.reject(unreachable(call.service, 'its address is not known'));
      const origin = originAt(url);
      if (origin.current) return origin.current.call(call, signal);
      return arriving.track(() => callOnceConnected(origin, call, signal));
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      await arriving.idle();
      await Promise.all([...origins.values()].map((origin) => origin.close()));
      await plain[Symbol.asyncDispose]();
    },
  };
}

/** Whatever keeps a connection from being made: nothing was sent. */
async function connect(origin: Origin, service: string): Promise<ClientConnection | undefined> {
  try {
    return await origin.connect();
  } catch (thrown) {
    if (isFlotillaError(thrown)) throw thrown;
    throw unreachable(service, `nobody answers (${(thrown as NodeJS.ErrnoException).code})`, thrown);
  }
}
