import { FlotillaError, type Json, parseJson } from '../kernel/index.ts';

const MAX_DEPTH = 100;

/** Parses JSON of any origin. Throws `MALFORMED_JSON`, also for absurd nesting, and `POISONED_KEY`. */
export function parseJsonText(text: string): Json {
  // What opens must close, so a short text can't be deep.
  if (text.length > 2 * MAX_DEPTH) refuseDeepNesting(text);
  return parseJson(text);
}

export function notUtf8(cause?: unknown): FlotillaError {
  return new FlotillaError('MALFORMED_JSON', { kind: 'invalid', message: 'The body is not UTF-8 text.', cause });
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
