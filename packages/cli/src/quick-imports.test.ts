import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { quickenImports } from './quick-imports.ts';

type Loaded = Record<string, unknown>;

/** Writes files into a folder of their own and loads one of them. */
async function loading(files: Record<string, string>, entry: string, links: Record<string, string> = {}): Promise<Loaded> {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-imports-'));
  scope.defer(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
  using _quick = quickenImports();
  return (await import(pathToFileURL(join(folder, entry)).href)) as Loaded;
}

test('files of one folder are found, with and without types, up and down', async () => {
  const { sum } = await loading(
    {
      'main.ts': "import { a } from './a.ts'; import { b } from './deep/b.ts'; export const sum: number = a + b;",
      'a.ts': 'export const a: number = 1;',
      'deep/b.ts': "import { c } from './c.js'; import { a } from '../a.ts'; export const b: number = a + c;",
      'deep/c.js': "import { d } from './d.js'; export const c = d;",
      'deep/d.js': 'export const d = 40;',
    },
    'main.ts',
  );
  assert.equal(sum, 42);
});

test('what a link leads to is loaded once, under whatever name it is imported', async () => {
  const { same } = await loading(
    {
      'main.js':
        "import './first.js'; import { it } from './it.js'; import { it as linked } from './link.js'; export const same = it === linked;",
      'first.js': '',
      'it.js': 'export const it = {};',
    },
    'main.js',
    { 'link.js': 'it.js' },
  );
  assert.equal(same, true);
});

test('a folder with a package of its own has formats of its own', async () => {
  const { names } = await loading(
    {
      'main.js':
        "import './a.js'; import old from './old/a.js'; import other from './old/b.js'; export const names = [old, other];",
      'a.js': '',
      'old/package.json': '{"type":"commonjs"}',
      'old/a.js': "module.exports = 'a';",
      'old/b.js': "module.exports = 'b';",
    },
    'main.js',
  );
  assert.deepEqual(names, ['a', 'b']);
});

test('a file that is missing, or a folder, is what Node says it is', async () => {
  const files = { 'a.js': '', 'deep.js/a.js': '' };
  const importing = (specifier: string): Promise<Loaded> =>
    loading({ ...files, 'main.js': `import './a.js'; import '${specifier}';` }, 'main.js');
  await assert.rejects(importing('./missing.js'), {
    code: 'ERR_MODULE_NOT_FOUND',
    message: /missing\.js.*imported from .*main\.js/s,
  });
  await assert.rejects(importing('./deep.js'), { code: 'ERR_UNSUPPORTED_DIR_IMPORT' });
});
