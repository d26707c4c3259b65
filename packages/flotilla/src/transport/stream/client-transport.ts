import { isFlotillaError, type Runtime, timerWheelOf } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Call, CallHandler, ItemsHandler, Transport } from '../call.ts';
import { createHttpTransport } from '../http/client-transport.ts';
import { InFlight } from '../in-flight.ts';
import { unreachable } from '../unavailable.ts';
import { type Arrived, ArrivingCall } from './arriving-call.ts';
import type { ClientConnection } from './client-connection.ts';
import { defaultStreamLimits } from './limits.ts';
import { Origin, type OriginOptions } from './origin.ts';

export interface StreamTransportOptions {
  /** Where the process of a service listens: `http://127.0.0.1:4001`. Asked for every call, so it may change. */
  address: (service: string) => string | undefined;
  systemKey: string;
  /** Larger answers fail; 16 MiB unless said. */
  maxAnswerBytes?: number;
  /** Tells which process says nothing although calls wait for it and it was asked for a sign of life; and when it speaks again. */
  onSilence?: (url: string, isSilent: boolean) => void;
  runtime: Runtime;
  log: Logger;
}

/**
 * Calls services in other processes over one connection to each process, many calls at once. Where a process speaks plain
 * HTTP only, calls go to it that way.
 */
export function createStreamTransport(options: StreamTransportOptions): Transport {
  return new Streams(options);
}

class Streams implements Transport {
  readonly #address: StreamTransportOptions['address'];
  readonly #options: OriginOptions;
  readonly #origins = new Map<string, Origin>();
  readonly #plain: Transport;
  readonly #arriving = new InFlight();
  #closed = false;

  constructor({ address, maxAnswerBytes = defaultStreamLimits.answerBytes, ...options }: StreamTransportOptions) {
    this.#address = address;
    this.#options = { ...options, maxAnswerBytes };
    this.#plain = createHttpTransport({ ...options, address, maxAnswerBytes });
  }

  readonly call: CallHandler = (call, signal) => {
    try {
      const origin = this.#originOf(call);
      return origin.current?.call(call, signal) ?? this.#arriving.track(() => this.#callOnceConnected(origin, call, signal));
    } catch (thrown) {
      return Promise.reject(thrown as Error);
    }
  };

  readonly subscribe: ItemsHandler = async (made, signal) => {
    const origin = this.#originOf(made);
    if (origin.current) return await origin.current.subscribe(made, signal);
    const { connection, call } = await this.#arriving.track(() => this.#arrive(origin, made, signal));
    return await (connection ?? this.#plain).subscribe(call, signal);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#arriving.idle();
    await Promise.all([...this.#origins.values()].map((origin) => origin.close()));
    await this.#plain[Symbol.asyncDispose]();
  }

  #originOf(call: Call): Origin {
    if (this.#closed) throw unreachable(call.service, 'the transport is closed');
    const url = call.endpoint ?? this.#address(call.service);
    if (url === undefined) throw unreachable(call.service, 'its address is not known');
    return this.#origins.get(url) ?? this.#open(url);
  }

  #open(url: string): Origin {
    for (const [known, { isIdle }] of this.#origins) if (isIdle) this.#origins.delete(known);
    const origin = new Origin(url, this.#options);
    this.#origins.set(url, origin);
    return origin;
  }

  async #callOnceConnected(origin: Origin, made: Call, signal: AbortSignal): Promise<unknown> {
    const { connection, call } = await this.#arrive(origin, made, signal);
    return await (connection ?? this.#plain).call(call, signal);
  }

  #arrive(origin: Origin, call: Call, signal: AbortSignal): Promise<Arrived<ClientConnection | undefined>> {
    return new ArrivingCall(call, signal, timerWheelOf(this.#options.runtime.clock)).once(() => connect(origin, call.service));
  }
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
