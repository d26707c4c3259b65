import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
import { parseJson } from '../kernel/index.ts';
import type { Schema } from './schema.ts';

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What a schema accepts, as JSON Schema: from libraries that speak the Standard JSON Schema extension. Undefined for all
 * others and for schemas that have no JSON form.
 */
export function jsonSchemaOf(schema: Schema): JsonSchema | undefined {
  const { jsonSchema } = schema['~standard'] as Partial<StandardJSONSchemaV1.Props>;
  try {
    // The option is Zod's: one property without a JSON form need not spoil the description of all others.
    return jsonSchema?.input({ target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } });
  } catch {
    return undefined;
  }
}

/** The schema of one property of an object; undefined when the schema does not say. */
export function propertySchema(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  const found = alternatives(schema).flatMap((option) => {
    const properties = asSchema(option.properties);
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : option.additionalProperties;
    const property = asSchema(own);
    // A property stays readable on its own: it takes along the definitions it may refer to.
    return property ? [option.$defs === undefined ? property : { ...property, $defs: option.$defs }] : [];
  });
  return found.length > 1 ? { anyOf: found } : found[0];
}

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

/** The plain schemas a value may satisfy: references followed, unions laid out flat, one type each. */
function alternatives(schema: JsonSchema | undefined, depth = 0): JsonSchema[] {
  if (schema === undefined || depth > MAX_NESTING) return [];
  const { $ref, anyOf, oneOf, allOf, type, $defs } = schema;
  if (typeof $ref === 'string') return alternatives(definition(schema, $ref), depth + 1);
  const members = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  if (members.length > 0) return members.flatMap((member) => alternatives({ $defs, ...asSchema(member) }, depth + 1));
  return Array.isArray(type) ? type.map((one: unknown) => ({ ...schema, type: one })) : [schema];
}

const MAX_NESTING = 20;
const DEFINITION = '#/$defs/';

function definition({ $defs }: JsonSchema, reference: string): JsonSchema | undefined {
  if (!reference.startsWith(DEFINITION)) return undefined;
  const target = asSchema(asSchema($defs)?.[reference.slice(DEFINITION.length)]);
  return target && { ...target, $defs };
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}
