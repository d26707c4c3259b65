import { parseJson } from 'flotilla/kernel';
import { wrongUsage } from './command.ts';

/** Reads `key=value` pairs of an option that may be repeated. */
export function keyValues(option: string, pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw wrongUsage(`--${option} wants key=value, not '${pair}'`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

/** Reads a list with commas; undefined when the option was not given. */
export function commaList(text: string | undefined): string[] | undefined {
  const items = text?.split(',').flatMap((item) => item.trim() || []);
  if (items?.length === 0) throw wrongUsage(`'${text}' is a list without anything in it`);
  return items;
}

/** Reads a whole number from 0; undefined when the option was not given. */
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw wrongUsage(`--${option} wants a whole number, not '${text}'`);
  return Number(text);
}

/** Reads a TCP port; undefined when the option was not given. */
export function portNumber(text: string | undefined): number | undefined {
  const port = wholeNumber('port', text);
  if (port !== undefined && port > 65_535) throw wrongUsage(`--port wants a number up to 65535, not ${port}`);
  return port;
}

/** Reads JSON. Throws `WRONG_USAGE`. */
export function jsonValue(name: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw wrongUsage(`${name}: ${(error as Error).message}`);
  }
}
