import type { IncomingMessage } from 'node:http';
import { FlotillaError } from '../../kernel/index.ts';

const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/**
 * Reads the whole body, or undefined when there is none. Throws `BODY_TOO_LARGE` as soon as that is known, and
 * `BODY_NOT_ALLOWED` for methods whose bodies some parts on the way honour and others drop.
 */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const { 'content-length': declared, 'transfer-encoding': encoding } = incoming.headers;
  if (encoding === undefined && (declared === undefined || Number(declared) === 0)) return undefined;
  if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
  const body = await collect(incoming, maxBytes);
  if (body.length === 0) return undefined;
  if (!BODILESS.has(incoming.method!)) return body;
  throw new FlotillaError('BODY_NOT_ALLOWED', { kind: 'invalid', message: `A ${incoming.method} request has no body.` });
}

/** The failure of work whose client closed the connection; nobody is left to read it. */
export function clientLeft(): FlotillaError {
  return new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'The client closed the connection.' });
}

function collect(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else {
        incoming.off('data', take);
        reject(tooLarge(maxBytes));
      }
    };
    incoming.on('data', take);
    incoming.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    // Comes after every request; an error, with its stack, is made only for one that was cut off.
    incoming.once('close', () => {
      if (!incoming.complete) reject(clientLeft());
    });
  });
}

function tooLarge(maxBytes: number): FlotillaError {
  return new FlotillaError('BODY_TOO_LARGE', { kind: 'invalid', message: `The body is larger than ${maxBytes} bytes.` });
}
