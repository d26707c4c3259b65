import type { Dispatcher } from 'undici';
import type { Runtime } from '../../kernel/index.ts';
import type { Call, Transport } from '../call.ts';
import { withinDeadline } from '../deadline.ts';
import { InFlight } from '../in-flight.ts';
import { noStream } from '../no-stream.ts';
import { notJson } from '../not-json.ts';
import { unreachable } from '../unavailable.ts';
import { exchangeError, readAnswer } from './answer.ts';
import { EVENT_STREAM } from './event-stream.ts';
import { metadataHeaders } from './headers.ts';
import { createHttpPools, type HttpPoolsOptions } from './pools.ts';

export interface HttpTransportOptions extends HttpPoolsOptions {
  /** Where the process of a service listens: `http://127.0.0.1:4001`. Asked for every call, so it may change. */
  address: (service: string) => string | undefined;
  systemKey: string;
  runtime: Runtime;
}

/** Calls services in other processes: `POST /{service}/call/{operation}` on their internal listener. */
export function createHttpTransport({ address, systemKey, runtime, ...pooling }: HttpTransportOptions): Transport {
  const pools = createHttpPools(pooling);
  const inFlight = new InFlight();
  let closed = false;

  const exchange = async (origin: string, call: Call, signal: AbortSignal): Promise<unknown> => {
    const body = encodeInput(call);
    const headers = metadataHeaders(call.metadata, systemKey);
    if (body !== undefined) headers['content-type'] = 'application/json';
    let answer: Dispatcher.ResponseData;
    try {
      answer = await pools.request({ origin, path: pathOf(call), method: 'POST', headers, body, signal });
    } catch (thrown) {
      throw exchangeError(call.service, thrown);
    }
    // Here is nobody who would read items one by one, and they may have no end.
    if (answer.headers['content-type'] === EVENT_STREAM) {
      answer.body.on('error', () => undefined).destroy();
      return await noStream(call);
    }
    return await readAnswer(call.service, answer);
  };

  return {
    call: async (call, signal) => {
      if (closed) throw unreachable(call.service, 'the transport is closed');
      const origin = call.endpoint ?? address(call.service);
      if (origin === undefined) throw unreachable(call.service, 'its address is not known');
      return await inFlight.track(() =>
        withinDeadline(runtime.clock, { call, signal }, (inner) => exchange(origin, call, inner)),
      );
    },
    subscribe: noStream,
    [Symbol.asyncDispose]: async () => {
      closed = true;
      await inFlight.idle();
      await pools[Symbol.asyncDispose]();
    },
  };
}

function encodeInput(call: Call): string | undefined {
  try {
    return JSON.stringify(call.input) as string | undefined;
  } catch (cause) {
    throw notJson(call, cause);
  }
}

/** The `$` of system operations is harmless in a path and stays readable. */
function pathOf({ service, operation }: Call): string {
  return `/${encodeURIComponent(service)}/call/${encodeURIComponent(operation).replaceAll('%24', '$')}`;
}
