import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { freePort } from 'flotilla/testing';
import { root } from './pages.ts';
import { preparation, showings } from './patterns.ts';
import { type Running, started } from './running.ts';

const page = await readFile(join(root, 'docs/patterns.md'), 'utf8');
/** Effects follow their cause a moment later: a reader would look again. */
const LOOKS = 5;
/** Some commands start a system of their own. */
const PATIENCE_MS = 60_000;

let folder: string;
let shop: Running | undefined;
let setting: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-patterns-'));
  for (const shared of ['node_modules', 'docs', 'packages', 'package.json', 'tsconfig.json', '.oxlintrc.json']) {
    await symlink(join(root, shared), join(folder, shared));
  }
  await cp(join(root, 'examples/shop/config'), join(folder, 'examples/shop/config'), { recursive: true });
  for (const name of await readdir(join(root, 'examples/shop'))) {
    // Commands of the page change the configuration.
    if (name !== 'config') await symlink(join(root, 'examples/shop', name), join(folder, 'examples/shop', name));
  }
  // `npx` itself would look for the command in registries and start it in a process below its own.
  await writeFile(join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const port = await freePort();
  shop = await started(['dev', 'examples/shop/system.ts'], { folder, port });
  setting = `${preparation(page).replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)}`;
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
  const env = { ...process.env, PATH: `${folder}:${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  const child = spawn('bash', ['-c', `${setting}\n${command}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const patience = setTimeout(() => endGroup(child.pid!), PATIENCE_MS);
  // Some commands show a refusal, so the exit code says nothing here.
  const printed = await Promise.all([text(child.stdout), text(child.stderr)]);
  clearTimeout(patience);
  endGroup(child.pid!);
  return printed.join('');
}

/** Whatever a command left running in the background. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // Nothing is left, as it should be.
  }
}

test('a command is read with what it prints, and the bars of tables are undone', () => {
  const table = '| a | b | c |\n| --- | --- | --- |\n| P | `x` | `ls \\| wc` → `1` |\n| Q | `y` | `npm start` by hand |\n';
  assert.deepEqual(showings(table), [{ pattern: 'P', command: 'ls | wc', expected: '1' }]);
});
