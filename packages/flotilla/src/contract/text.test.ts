import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { allowsNull, jsonSchemaOf, propertyNames, propertySchema } from './json-schema.ts';
import { textToValue } from './text.ts';

const Sku = z.string().meta({ id: 'text-test-sku' });
const Search = z.object({
  limit: z.int().default(20),
  price: z.number().optional(),
  open: z.boolean(),
  tags: z.array(z.int()),
  skus: z.array(Sku),
  either: z.union([z.number(), z.string()]),
  textFirst: z.union([z.string(), z.number()]),
  size: z.union([z.literal(1), z.literal(2), z.enum(['all', 'none'])]),
  nothing: z.number().nullable(),
  labels: z.record(z.string(), z.number()),
  code: z.string(),
  since: z.date().optional(),
});

const read = (name: string, text: string): unknown => textToValue(propertySchema(jsonSchemaOf(Search), name), text);

test('text becomes what the schema declares', () => {
  assert.equal(read('limit', '5'), 5);
  assert.equal(read('price', '-1.5e2'), -150);
  assert.equal(read('open', 'false'), false);
  assert.equal(read('nothing', 'null'), null);
  assert.equal(read('nothing', '7'), 7);
  assert.equal(read('code', '007'), '007');
  assert.equal(read('code', 'true'), 'true');
  assert.deepEqual(read('labels', '{"a":1}'), { a: 1 });
});

test('lists come with commas or as JSON', () => {
  assert.deepEqual(read('tags', '1, 2,3'), [1, 2, 3]);
  assert.deepEqual(read('tags', '[1,2]'), [1, 2]);
  assert.deepEqual(read('tags', ''), []);
  assert.deepEqual(read('skus', '1,b'), ['1', 'b']);
});

test('unions are tried in order, literals only where they match', () => {
  assert.equal(read('either', '12'), 12);
  assert.equal(read('either', 'twelve'), 'twelve');
  assert.equal(read('textFirst', '12'), '12');
  assert.equal(read('size', '2'), 2);
  assert.equal(read('size', 'all'), 'all');
  assert.equal(read('size', '3'), '3');
});

test('what does not fit stays text, and a wrong number stays a number, for validation to say so', () => {
  for (const text of ['', ' ', 'abc', '0x10', '1e999', 'Infinity', '5 ']) assert.equal(read('price', text), text);
  for (const text of ['yes', '1', 'TRUE', '']) assert.equal(read('open', text), text);
  assert.equal(read('limit', '1.5'), 1.5);
  assert.equal(read('labels', '{broken'), '{broken');
  assert.equal(read('labels', '{"__proto__":1}'), '{"__proto__":1}');
});

test('nothing is guessed where the schema says nothing', () => {
  assert.equal(textToValue(undefined, '5'), '5');
  assert.equal(read('unknown', 'true'), 'true');
  assert.equal(read('since', '5'), '5');
  assert.equal(propertySchema(jsonSchemaOf(Search), 'toString'), undefined);
});

test('a property keeps the definitions it refers to', () => {
  const Tree = z.object({
    value: z.int(),
    get left() {
      return Tree.optional();
    },
  });
  const schema = jsonSchemaOf(z.object({ root: Tree }));
  const left = propertySchema(propertySchema(schema, 'root'), 'left');
  assert.equal(textToValue(propertySchema(left, 'value'), '3'), 3);
});

test('a record describes every property', () => {
  assert.equal(textToValue(propertySchema(propertySchema(jsonSchemaOf(Search), 'labels'), 'any'), '4'), 4);
});

test('a schema of a library without the extension has no description', () => {
  const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) } };
  assert.equal(jsonSchemaOf(schema), undefined);
});

test('an object tells its names, unless it may have any', () => {
  assert.deepEqual(propertyNames(jsonSchemaOf(z.object({ a: z.int(), b: z.string() }).optional())), ['a', 'b']);
  assert.equal(propertyNames(jsonSchemaOf(z.looseObject({ a: z.int() }))), undefined);
  assert.equal(propertyNames(jsonSchemaOf(z.record(z.string(), z.int()))), undefined);
  assert.equal(propertyNames(jsonSchemaOf(z.unknown())), undefined);
});

test('null passes only where the schema says so', () => {
  assert.equal(allowsNull(jsonSchemaOf(z.string().nullable())), true);
  assert.equal(allowsNull(jsonSchemaOf(z.object({ a: z.int() }).nullable())), true);
  assert.equal(allowsNull(jsonSchemaOf(z.string().optional())), false);
});
