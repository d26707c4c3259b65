import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './pages.ts';
import { preparation, showings } from './patterns.ts';
import { freePort, type Running, started } from './running.ts';

const run = promisify(execFile);
const page = await readFile(join(root, 'docs/patterns.md'), 'utf8');
/** Effects follow their cause a moment later: a reader would look again. */
const LOOKS = 5;

let folder: string;
let shop: Running | undefined;
let setting: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-patterns-'));
  for (const shared of ['node_modules', 'examples', 'docs', 'packages', 'package.json', 'tsconfig.json', '.oxlintrc.json']) {
    await symlink(join(root, shared), join(folder, shared));
  }
  const port = await freePort();
  shop = await started(['dev', 'examples/shop/system.ts'], { folder, port });
  setting = `npx() { "$@"; }\n${preparation(page).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)}`;
});
after(async () => {
  await shop?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('most built patterns are shown by a command with its answer', () => {
  assert.ok(showings(page).length >= 40, `only ${showings(page).length} were read`);
});

for (const { pattern, command, expected } of showings(page)) {
  test(`${pattern}: the shop shows it`, async () => {
    let printed = '';
    for (let looks = 0; looks < LOOKS && !printed.includes(expected); looks += 1) printed = await printedBy(command);
    assert.ok(printed.includes(expected), `${command}\nprinted ${printed}\nand not ${expected}\n${shop?.output()}`);
  });
}

async function printedBy(command: string): Promise<string> {
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  // Some commands show a refusal, so the exit code says nothing here.
  const { stdout, stderr } = await run('bash', ['-c', `${setting}\n${command}`], { cwd: folder, env, timeout: 30_000 }).catch(
    (failure: { stdout: string; stderr: string }) => failure,
  );
  return stdout + stderr;
}

test('a command is read with what it prints, and the bars of tables are undone', () => {
  const table = '| a | b | c |\n| --- | --- | --- |\n| P | `x` | `ls \\| wc` → `1` |\n| Q | `y` | `npm start` by hand |\n';
  assert.deepEqual(showings(table), [{ pattern: 'P', command: 'ls | wc', expected: '1' }]);
});
