import { FlotillaError, parseJson } from '../kernel/index.ts';
import type { KeyFetcher } from '../security/index.ts';
import type { HttpHandler, HttpResponse } from '../transport/index.ts';
import { byteLengthOf } from './cache-policy.ts';

export interface KeyFetcherOptions {
  upstream: HttpHandler;
  path: string;
  systemKey: string;
}

const MAX_BYTES = 256 * 1024;

/** Asks the service that issues tokens for its published keys. */
export function createKeyFetcher({ upstream, path, systemKey }: KeyFetcherOptions): KeyFetcher {
  const headers = { accept: 'application/json', 'x-internal-key': systemKey, 'x-caller': 'gateway' };
  return async (signal) => {
    const request = { method: 'GET', path, query: '', headers, body: undefined, remoteAddress: undefined };
    return read(await upstream(request, signal));
  };
}

function read({ status, body }: HttpResponse): unknown {
  if (status !== 200 || body === undefined) throw unusable(`the answer has status ${status}`);
  if (byteLengthOf(body) > MAX_BYTES) throw unusable(`it is larger than ${MAX_BYTES} bytes`);
  return parseJson(typeof body === 'string' ? body : new TextDecoder().decode(body));
}

function unusable(why: string): FlotillaError {
  return new FlotillaError('MALFORMED_KEY_SET', { kind: 'unavailable', message: `The key set cannot be used: ${why}.` });
}
