import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalJson, copyJson, digest, isFlotillaError, parseJson } from './index.ts';

const hasCode = (code: string) => (error: unknown) => isFlotillaError(error) && error.code === code;

test('text that is not JSON is refused', () => {
  const texts = ['', '{', '{"a":}', 'NaN', '{"a":1}}'];
  for (const text of texts) assert.throws(() => parseJson(text), hasCode('MALFORMED_JSON'), text);
});

test('keys that could reach a prototype are refused, however deep and however spelled', () => {
  const texts = ['{"__proto__":{"x":1}}', '{"a":[{"constructor":1}]}', '{"a":{"prototype":1}}', '{"\\u005f_proto__":{"x":1}}'];
  for (const text of texts) assert.throws(() => parseJson(text), hasCode('POISONED_KEY'), text);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
  assert.deepEqual(parseJson('{"a":"__proto__"}'), { a: '__proto__' }, 'as a value the word is harmless');
});

test('a copy is what another process would have received', () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withSparseArray: true, withNullPrototype: true }), (value) => {
      let expected: unknown;
      try {
        expected = JSON.parse(JSON.stringify({ value }));
      } catch {
        return; // no JSON form: a bigint, say
      }
      const copy: unknown = JSON.parse(JSON.stringify({ value: copyJson(value) }));
      assert.deepEqual(dropPoison(copy), dropPoison(expected));
    }),
  );
});

test('a copy shares nothing with its original', () => {
  const original = { list: [{ a: 1 }], when: new Date(0), none: undefined };
  const copy = copyJson(original) as { list: { a: number }[] };
  copy.list[0]!.a = 2;
  assert.deepEqual(original.list, [{ a: 1 }]);
  assert.deepEqual(Object.keys(copy), ['list', 'when']);
});

test('equal values have one canonical form and one digest, whatever the order of their keys', () => {
  assert.equal(canonicalJson({ b: [{ y: 1, x: 2 }], a: 1 }), '{"a":1,"b":[{"x":2,"y":1}]}');
  assert.equal(digest({ a: 1, b: 2 }), digest({ b: 2, a: 1 }));
  assert.notEqual(digest('ab', 'c'), digest('a', 'bc'));
});

/** A copy drops keys that could reach a prototype; `JSON.parse` keeps them as own keys. */
function dropPoison(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropPoison);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !['__proto__', 'constructor', 'prototype'].includes(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, dropPoison(item)]));
}
