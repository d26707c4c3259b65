import { FlotillaError, type Json } from '../../kernel/index.ts';
import type { HttpRequest } from '../http-message.ts';
import { notUtf8, parseJsonText } from '../json-text.ts';

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a request, or undefined when it has no body. Throws `UNSUPPORTED_MEDIA_TYPE` or `MALFORMED_JSON`. */
export function readJsonBody({ body, headers }: HttpRequest): Json | undefined {
  const type = headers['content-type'];
  if (body === undefined || body.length === 0) {
    if (type !== undefined && !JSON_TYPE.test(type)) throw unsupported(type);
    return undefined;
  }
  if (type === undefined || !JSON_TYPE.test(type)) throw unsupported(type);
  return parseJsonText(decodeText(body));
}

function decodeText(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw notUtf8(cause);
  }
}

function unsupported(type: string | undefined): FlotillaError {
  const got = type === undefined ? 'The body has no content-type' : `'${type.slice(0, 80)}' is not understood here`;
  const message = `${got}. Send JSON with the header 'content-type: application/json'.`;
  return new FlotillaError('UNSUPPORTED_MEDIA_TYPE', { kind: 'invalid', message });
}
