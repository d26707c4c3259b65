import { parseJson } from '../kernel/index.ts';
import { alternatives, asSchema, type JsonSchema } from './json-schema.ts';

/**
 * Reads text from where there is only text (a query string, an environment variable, a command line) as the type that the
 * schema declares: unions are tried in order, and what fits nothing stays text for validation to complain about. Nothing is
 * guessed: without a schema the text is the value.
 */
export function textToValue(schema: JsonSchema | undefined, text: string): unknown {
  const options = alternatives(schema);
  for (const option of options) {
    const value = READERS[String(option.type)]?.(text, option);
    if (value !== undefined && isListed(option, value)) return value;
  }
  // '1.5' for a whole number is a wrong number, not a text: the complaint is then about the right thing.
  return options.length === 1 && options[0]?.type === 'integer' ? (readNumber(text) ?? text) : text;
}

const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const READERS: Readonly<Record<string, (text: string, schema: JsonSchema) => unknown>> = {
  string: (text) => text,
  number: readNumber,
  integer: (text) => (Number.isSafeInteger(readNumber(text)) ? readNumber(text) : undefined),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  null: (text) => (text === 'null' ? null : undefined),
  array: readArray,
  object: (text) => readJson(text, '{'),
};

function readNumber(text: string): number | undefined {
  const value = Number(text);
  return DECIMAL.test(text) && Number.isFinite(value) ? value : undefined;
}

/** A JSON array, or items between commas. */
function readArray(text: string, schema: JsonSchema): unknown {
  const json = readJson(text, '[');
  if (json !== undefined) return json;
  const items = asSchema(schema.items);
  const itemSchema = items && { ...items, $defs: schema.$defs };
  return text === '' ? [] : text.split(',').map((item) => textToValue(itemSchema, item.trim()));
}

function readJson(text: string, opening: '{' | '['): unknown {
  if (!text.trimStart().startsWith(opening)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function isListed(schema: JsonSchema, value: unknown): boolean {
  if ('const' in schema) return schema.const === value;
  return !Array.isArray(schema.enum) || schema.enum.includes(value);
}
