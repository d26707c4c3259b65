import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { exportList } from './export-list.ts';
import { compareSurfaces, readSurface, snapshotFile, type Surface, subpathFiles } from './surface.ts';

test('the public surface is the reviewed one', async () => {
  const reviewed = JSON.parse(await readFile(snapshotFile, 'utf8')) as Surface;
  const changes = compareSurfaces(reviewed, await readSurface());
  assert.ok(changes.length === 0, `The public surface changed. If it is meant: npm run surface\n${changes.join('\n')}`);
});

for (const [subpath, file] of await subpathFiles()) {
  test(`${subpath} can be imported and exports the values it lists`, async () => {
    const listed = exportList(await readFile(file, 'utf8'));
    const values = Object.keys(listed).filter((name) => listed[name] === 'value');
    const loaded = (await import(subpath)) as object;
    assert.deepEqual(Object.keys(loaded).toSorted(), values.toSorted());
  });
}

test('an export list is read with its kinds and new names', () => {
  const source = "/** Why. */\nexport { a, type B, c as d } from './x.ts';\nexport type { E } from './y.ts'; // all types\n";
  assert.deepEqual(exportList(source), { B: 'type', E: 'type', a: 'value', d: 'value' });
});

test('a list that hides names is refused', () => {
  assert.throws(() => exportList("export * from './x.ts';"), /found: export \*/);
  assert.throws(() => exportList('export const a = 1;'), /found: export const/);
});

test('names that come, go and change their kind are told apart', () => {
  const before: Surface = { log: { a: 'value', b: 'value' } };
  const after: Surface = { log: { b: 'type', c: 'value' } };
  assert.deepEqual(
    compareSurfaces(before, after),
    ['- log: value a', '+ log: type b', '- log: value b', '+ log: value c'].toSorted((l, r) =>
      l.slice(2) < r.slice(2) ? -1 : 1,
    ),
  );
});
