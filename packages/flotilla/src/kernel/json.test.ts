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

test('a copy is what another process would have received, or is refused like there', () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withSparseArray: true, withNullPrototype: true }), (value) => {
      const sent = attempt(() => parseJson(JSON.stringify({ value })));
      const copied = attempt(() => parseJson(JSON.stringify(copyJson({ value }))));
      assert.deepEqual(copied, sent);
    }),
    { examples: [[{ ['__proto__']: 1 }], [{ a: [{ constructor: 1 }] }], [1n], [[undefined]], [new Date(Number.NaN)]] },
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

/** The value, or what kind of failure there was. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return isFlotillaError(error) ? error.code : (error as Error).name;
  }
}
