import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { LAYERS } from '../lint/layers.ts';
import { links, pages, paths, root, rows } from './pages.ts';

for (const { path, text } of await pages()) {
  test(`${path} leads only to files that exist`, () => {
    const dead = links(text).filter((target) => !existsSync(join(root, dirname(path), target)));
    const gone = paths(text).filter((target) => !existsSync(join(root, target.replace(/\/?\*.*$/, ''))));
    assert.deepEqual([...dead, ...gone], []);
  });
}

test('a pattern is either shown and proven, or said not to be built', async () => {
  const patterns = rows(await readFile(join(root, 'docs/patterns.md'), 'utf8'));
  const half = patterns.filter(([, where, command, proof]) =>
    where === 'not built yet' ? command || proof : !command || !proof,
  );
  assert.ok(patterns.length > 80, `only ${patterns.length} rows were read`);
  assert.deepEqual(half, []);
});

test('the picture of the layers is the order that the linter holds', async () => {
  const architecture = await readFile(join(root, 'docs/architecture.md'), 'utf8');
  const picture = /^```\n(system [\s\S]*?)\n```$/m.exec(architecture)?.[1] ?? '';
  // A row is name, meaning, name, meaning, …, parted by two spaces or more.
  const drawn = picture.split('\n').map((row) => row.split(/ {2,}/).filter((_cell, index) => index % 2 === 0));
  const sorted = (layers: readonly (readonly string[])[]): string[][] => layers.map((layer) => layer.toSorted());
  assert.deepEqual(sorted(drawn), sorted(LAYERS.toReversed()));
});

test('every decision is in the index', async () => {
  const index = links(await readFile(join(root, 'docs/decisions/README.md'), 'utf8'));
  const present = (await pages()).map(({ path }) => path).filter((path) => /^docs\/decisions\/(?!README)/.test(path));
  assert.deepEqual(index.toSorted(), present.map((path) => path.slice('docs/decisions/'.length)).toSorted());
});

test('tables, links and paths are read as they are written', () => {
  assert.deepEqual(rows('| a | b |\n| --- | :-: |\n| 1 | x \\| y |\ntext'), [['1', 'x \\| y']]);
  assert.deepEqual(links('[a](b.md#c) [d](https://e.f) [g](../h)'), ['b.md', '../h']);
  assert.deepEqual(paths('`packages/x/y.ts` and `npm start`'), ['packages/x/y.ts']);
});
