import { FlotillaError, isFlotillaError } from '../../kernel/index.ts';

/** What the other side must never send. The connection ends with it. `why` continues a sentence. */
export function protocolError(why: string, cause?: unknown): FlotillaError {
  const message = `The other side of a stream connection breaks the protocol: ${why}.`;
  return new FlotillaError('PROTOCOL_ERROR', { kind: 'invalid', message, cause });
}

export function isProtocolError(thrown: unknown): boolean {
  return isFlotillaError(thrown) && thrown.code === 'PROTOCOL_ERROR';
}
