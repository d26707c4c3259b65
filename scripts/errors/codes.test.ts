import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { codesIn, codesThrown, factsIn, factsListed, factsThrown, root } from './codes.ts';

const catalogue = factsListed(await readFile(join(root, 'docs/errors.md'), 'utf8'));
const listed = catalogue.map(({ code }) => code);

test('every error code made in the packages is in docs/errors.md', async () => {
  const missing = [...(await codesThrown())].filter(([code]) => !listed.includes(code));
  const lines = missing.map(([code, files]) => `${code} (${files.join(', ')})`).toSorted();
  assert.ok(missing.length === 0, `docs/errors.md does not list:\n${lines.join('\n')}`);
});

test('docs/errors.md lists no code that nothing makes', async () => {
  const thrown = await codesThrown();
  assert.deepEqual(
    listed.filter((code) => !thrown.has(code)),
    [],
  );
});

test('the catalogue says of each error what the place that makes it says', async () => {
  const made = (await factsThrown()).filter(({ code }) => listed.includes(code));
  assert.ok(made.length > 60, `only ${made.length} places were read`);
  const wrong = made.filter((fact) => !catalogue.some((row) => isDeepStrictEqual(row, fact)));
  assert.deepEqual(wrong, []);
});

test('the catalogue is sorted and names each code once', () => {
  assert.deepEqual(listed, [...new Set(listed)].toSorted());
});

test('codes are found in every form in which errors are made', () => {
  assert.deepEqual(codesIn("throw new FlotillaError('A_B', {"), ['A_B']);
  assert.deepEqual(codesIn("new FlotillaError(\n  'INTERNAL',"), ['INTERNAL']);
  assert.deepEqual(codesIn("return refuse('NO_ROUTE', path);"), ['NO_ROUTE']);
  assert.deepEqual(codesIn("const late = { code: 'TOO_LATE' };"), ['TOO_LATE']);
  assert.deepEqual(codesIn("isCode(error, 'OTHER_CODE'); fail('USERS_OWN');"), []);
});

test('kind and retryability are read where an error is made', () => {
  assert.deepEqual(factsIn("new FlotillaError('A_B', {\n  kind: 'timeout',\n  message,"), [
    { code: 'A_B', kind: 'timeout', retryable: true },
  ]);
  assert.deepEqual(factsIn("new FlotillaError('A_B', { kind: 'conflict', retryable: true, message })"), [
    { code: 'A_B', kind: 'conflict', retryable: true },
  ]);
});
