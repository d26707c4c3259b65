import { FlotillaError, type Json, parseJson } from '../../kernel/index.ts';
import type { HttpRequest } from '../http-message.ts';

const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const MAX_DEPTH = 100;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a request, or undefined when it has no body. Throws `UNSUPPORTED_MEDIA_TYPE` or `MALFORMED_JSON`. */
export function readJsonBody({ body, headers }: HttpRequest): Json | undefined {
  const type = headers['content-type'];
  if (body === undefined || body.length === 0) {
    if (type !== undefined && !JSON_TYPE.test(type)) throw unsupported(type);
    return undefined;
  }
  if (type === undefined || !JSON_TYPE.test(type)) throw unsupported(type);
  const text = decodeText(body);
  refuseDeepNesting(text);
  return parseJson(text);
}

function decodeText(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw new FlotillaError('MALFORMED_JSON', { kind: 'invalid', message: 'The body is not UTF-8 text.', cause });
  }
}

/** Everything that walks over a value recurses; a few thousand brackets would overflow the stack far from here. */
function refuseDeepNesting(text: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x22) index = endOfString(text, index);
    else if (character === 0x5b || character === 0x7b) depth++;
    else if (character === 0x5d || character === 0x7d) depth--;
    if (depth > MAX_DEPTH) {
      throw new FlotillaError('MALFORMED_JSON', {
        kind: 'invalid',
        message: `The body is nested deeper than ${MAX_DEPTH} levels.`,
      });
    }
  }
}

/** Where the string that opens at `start` closes: at the first quote that no odd run of backslashes escapes. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function unsupported(type: string | undefined): FlotillaError {
  const got = type === undefined ? 'The body has no content-type' : `'${type.slice(0, 80)}' is not understood here`;
  const message = `${got}. Send JSON with the header 'content-type: application/json'.`;
  return new FlotillaError('UNSUPPORTED_MEDIA_TYPE', { kind: 'invalid', message });
}
