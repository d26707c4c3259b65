import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from 'flotilla/testing';
import { readGuide, says } from './guide.ts';
import { root } from './pages.ts';
import { started } from './running.ts';

const run = promisify(execFile);
const guide = readGuide(await readFile(join(root, 'docs/guides/sagas.md'), 'utf8'));
const [start, ...calls] = guide.commands;
/** What follows a command takes a moment: a reader would look again. */
const LOOKS = 20;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-guide-'));
  for (const shared of ['node_modules', 'tsconfig.json', 'package.json']) await symlink(join(root, shared), join(folder, shared));
  await mkdir(join(folder, 'examples/workshop'), { recursive: true });
  for (const [path, text] of guide.files) await writeFile(join(folder, 'examples/workshop', path), text);
  // `npx` itself would look for the command in registries.
  await writeFile(join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
});
after(() => rm(folder, { recursive: true, force: true }));

test('the code of the guide passes the compiler', async () => {
  assert.equal(guide.files.size, 3);
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: folder });
});

test('the guide does what it says', async () => {
  assert.equal(start?.command, 'npx flotilla dev examples/workshop/system.ts');
  assert.ok(calls.length >= 6 && calls.every(({ prints }) => prints !== undefined));
  await using workshop = await started(start.command.split(' ').slice(2), { folder, port: await freePort() });
  const env = { ...process.env, PATH: `${folder}:${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  for (const { command, prints } of calls) {
    let printed = '';
    const isLook = command.includes('sagas list') && !command.includes('signal');
    for (let looks = 0; looks < (isLook ? LOOKS : 1) && !isAsSaid(prints, printed); looks += 1) {
      printed = (await run('bash', ['-c', command], { cwd: folder, env })).stdout;
    }
    assert.ok(
      isAsSaid(prints, printed),
      `${command}\nprinted ${printed}\nand not ${JSON.stringify(prints)}\n${workshop.output()}`,
    );
  }
});

/** A list prints one line for each saga. */
function isAsSaid(prints: unknown, printed: string): boolean {
  const isWhole = printed.startsWith('{\n');
  const values = isWhole ? [printed] : printed.split('\n').filter((line) => line !== '');
  return values.some((text) => says(prints, JSON.parse(text)));
}
