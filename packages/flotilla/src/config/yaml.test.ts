import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlotillaError } from '../kernel/index.ts';
import { parseYaml } from './yaml.ts';

const plain = (text: string): unknown => JSON.parse(JSON.stringify(parseYaml(text, 'a.yaml').value));

function refuses(text: string, ...messages: RegExp[]): void {
  assert.throws(
    () => parseYaml(text, 'a.yaml'),
    (error) => {
      assert.ok(error instanceof FlotillaError);
      assert.equal(error.code, 'INVALID_YAML');
      for (const message of messages) assert.match(error.message, message);
      return true;
    },
  );
}

test('YAML 1.2 core: yes is a word, true is not', () => {
  assert.deepEqual(plain('a: yes\nb: true\nc: 0o17\nd: ~\ne: 1e3\nf: "1"\n8080: x'), {
    8080: 'x',
    a: 'yes',
    b: true,
    c: 15,
    d: null,
    e: 1000,
    f: '1',
  });
  assert.equal(parseYaml('', 'a.yaml').value, null);
});

test('every problem is named with its file and line', () => {
  refuses('a: 1\na: 2\nb:\n  c: 1\n  c: 2\n', /a\.yaml:2: The key 'a' is there twice\./, /a\.yaml:5: The key 'c'/);
  refuses('a: [1\nb: 2', /a\.yaml:/);
  refuses('a: 1\n---\nb: 2', /a\.yaml:2: .*multiple documents/);
});

test('nothing reaches a prototype', () => {
  refuses('__proto__: {polluted: 1}', /a\.yaml:1: The key '__proto__' is not allowed/);
  refuses('a:\n  constructor:\n    prototype: {polluted: 1}', /a\.yaml:2: The key 'constructor'/);
  refuses('base: &base {__proto__: {polluted: 1}}\na:\n  <<: *base', /:1: The key '__proto__'/, /:3: Merge keys/);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.equal(Object.getPrototypeOf(parseYaml('a: 1', 'a.yaml').value), null);
});

test('custom tags, types beyond JSON and the older YAML are refused', () => {
  refuses('a: !secret 1', /a\.yaml:1: .*!secret/);
  refuses('a: !!binary aGk=', /:1: The tag tag:yaml.org,2002:binary is not allowed/);
  refuses('%YAML 1.1\n---\na: yes', /Write YAML 1\.2, not 1\.1/);
  refuses('? [a, b]\n: 1', /keys must be strings/);
  assert.deepEqual(plain('a: !!str 5'), { a: '5' });
});

test('numbers that would lose digits must be quoted', () => {
  refuses('a: 1\nid: 12345678901234567890', /a\.yaml:2: The number 12345678901234567890 would lose digits/);
});

test('aliases are written out, each with its own copy', () => {
  const { value } = parseYaml('a: &x {n: [1]}\nb: *x\nc: *x', 'a.yaml');
  const { a, b, c } = value as { a: object; b: object; c: object };
  assert.deepEqual(b, a);
  assert.notEqual(b, c);
  assert.deepEqual(plain('a: &x 1\nb: &y [*x]\nc: &x 2\nd: *y\ne: *x'), { a: 1, b: [1], c: 2, d: [1], e: 2 });
});

test('bombs are refused: aliases, depth, size, loops', () => {
  const grow = [
    'a0: &a0 [1,1,1,1,1,1,1,1,1]',
    ...Array.from({ length: 9 }, (_, i) => {
      const level = i + 1;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${i}`).join(',')}]`;
    }),
  ];
  refuses(grow.join('\n'), /more than 100000 values/);
  refuses(`a: &a 1\nb: [${'*a,'.repeat(101)}]`, /a\.yaml:2: There are more than 100 aliases/);
  refuses('['.repeat(52) + ']'.repeat(52), /nested more than 50 deep/);
  refuses('['.repeat(100_000), /a\.yaml:1:/);
  refuses('a: &a [*a]', /stands inside what it stands for/);
  refuses('a: *nothing', /Nothing before is anchored as '&nothing'/);
  refuses(`a: "${'x'.repeat(1024 * 1024)}"`, /larger than 1 MiB/);
});

test('a value is found by its path', () => {
  const { locate } = parseYaml(
    '# routes\nroutes:\n  - path: /a\n    service: x\n  - path: /b\n\nlast:\n  deep: 1\n',
    'gateway.yaml',
  );
  assert.deepEqual(locate(['routes', 1, 'path']), { file: 'gateway.yaml', line: 5 });
  assert.deepEqual(locate(['routes', 0, 'service']), { file: 'gateway.yaml', line: 4 });
  assert.deepEqual(locate(['routes', 1, 'service']), { file: 'gateway.yaml', line: 5 });
  assert.deepEqual(locate(['last', 'deep']), { file: 'gateway.yaml', line: 8 });
  assert.deepEqual(locate(['missing']), { file: 'gateway.yaml', line: 2 });
});
