import type { StandardJSONSchemaV1 } from '@standard-schema/spec';
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

/** The schema of one property of an object, or of the items of a list; undefined when the schema does not say. */
export function propertySchema(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  const found = alternatives(schema).flatMap((option) => {
    const properties = asSchema(option.properties);
    const others = option.type === 'array' ? option.items : option.additionalProperties;
    const property = asSchema(properties && Object.hasOwn(properties, name) ? properties[name] : others);
    // A property stays readable on its own: it takes along the definitions it may refer to.
    return property ? [option.$defs === undefined ? property : { ...property, $defs: option.$defs }] : [];
  });
  return found.length > 1 ? { anyOf: found } : found[0];
}

/** The names an object may have; undefined when it may have any. */
export function propertyNames(schema: JsonSchema | undefined): string[] | undefined {
  const objects = alternatives(schema).filter((option) => option.type === 'object');
  const isOpen = (option: JsonSchema): boolean =>
    option.properties === undefined || asSchema(option.additionalProperties) !== undefined;
  if (objects.length === 0 || objects.some(isOpen)) return undefined;
  return [...new Set(objects.flatMap((option) => Object.keys(asSchema(option.properties) ?? {})))];
}

/** True when the schema lets null pass. */
export function allowsNull(schema: JsonSchema | undefined): boolean {
  return alternatives(schema).some((option) => option.type === 'null' || option.const === null);
}

/** The plain schemas a value may satisfy: references followed, unions laid out flat, one type each. */
export function alternatives(schema: JsonSchema | undefined, depth = 0): JsonSchema[] {
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

/** A part of a schema that is itself a schema, or undefined. */
export function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}
