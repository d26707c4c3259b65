import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, FlotillaError } from '../../kernel/index.ts';
import { request } from '../http/node-http.ts';
import { type Agreement, askingHeaders, readAgreement, STREAM_PATH } from './handshake.ts';

const CONNECT_TIMEOUT_MS = 1_000;
const HELD_UP_MS = 100;

export interface DialOptions {
  /** Where a process listens: `http://127.0.0.1:4001`. */
  readonly origin: string;
  readonly systemKey: string;
  readonly maxAnswerBytes: number;
  readonly clock: Clock;
}

/** A connection that speaks the stream protocol from here on. */
export interface Dialled {
  readonly socket: Socket;
  /** Bytes that came right behind the answer. */
  readonly head: Buffer;
  readonly agreement: Agreement;
}

/**
 * Asks a process for a stream connection. Undefined when what listens there speaks plain HTTP only; rejects when nobody
 * answers, or nobody who would have us.
 */
export async function dial({ origin, systemKey, maxAnswerBytes, clock }: DialOptions): Promise<Dialled | undefined> {
  const headers = askingHeaders(systemKey, maxAnswerBytes);
  const asking = request(new URL(STREAM_PATH, origin), { headers, agent: false });
  using _deadline = giveUpInTime(asking, clock);
  return await answerTo(asking);
}

/** A process that was itself held up looks once more, because the answer may have come in meanwhile. */
function giveUpInTime(asking: ClientRequest, clock: Clock): Disposable {
  let timer: Disposable;
  const wait = (): void => {
    const due = clock.monotonic() + CONNECT_TIMEOUT_MS;
    timer = clock.timer(
      CONNECT_TIMEOUT_MS,
      () => (clock.monotonic() > due + HELD_UP_MS ? wait() : asking.destroy(failure('ETIMEDOUT'))),
      { hold: true },
    );
  };
  wait();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function answerTo(asking: ClientRequest): Promise<Dialled | undefined> {
  return new Promise((resolve, reject) => {
    asking.on('error', reject);
    asking.once('upgrade', ({ headers }, socket: Socket, head) => {
      const agreement = readAgreement(headers as Record<string, string>);
      if (!agreement) socket.destroy();
      resolve(agreement && { socket, head, agreement });
    });
    asking.once('response', ({ statusCode }) => {
      if (statusCode === 401) reject(keyRefused());
      else if (statusCode === 503) reject(failure('STOPPING'));
      else resolve(undefined);
      asking.destroy();
    });
    asking.end();
  });
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function keyRefused(): FlotillaError {
  const message = 'The other process does not know our system key. Give all processes of a system the same key.';
  return new FlotillaError('UNAUTHENTICATED', { kind: 'unauthenticated', message });
}
