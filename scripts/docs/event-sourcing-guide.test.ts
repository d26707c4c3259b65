import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from 'flotilla/testing';
import { readGuide, says } from './guide.ts';
import { root } from './pages.ts';
import { started } from './running.ts';

const run = promisify(execFile);
const guide = readGuide(await readFile(join(root, 'docs/guides/event-sourcing.md'), 'utf8'));
const [start, ...calls] = guide.commands;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-guide-'));
  for (const shared of ['node_modules', 'tsconfig.json', 'package.json']) await symlink(join(root, shared), join(folder, shared));
  for (const [path, text] of guide.files) {
    const file = join(folder, 'examples/library', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  // `npx` itself would look for the command in registries.
  await writeFile(join(folder, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
});
after(() => rm(folder, { recursive: true, force: true }));

test('the code of the guide passes the compiler', async () => {
  assert.ok(guide.files.has('golden/BookLent.v1.json') && guide.files.size >= 6);
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: folder });
});

test('the tests of the guide pass', async () => {
  // The tests of a guide are no part of this one.
  const env = { PATH: process.env.PATH };
  await run(process.execPath, ['--test-reporter=tap', 'book.test.ts'], { cwd: join(folder, 'examples/library'), env });
});

test('the guide does what it says', async () => {
  assert.equal(start?.command, 'npx flotilla dev examples/library/system.ts');
  assert.ok(calls.length >= 6 && calls.every(({ prints }) => prints !== undefined));
  await using library = await started(start.command.split(' ').slice(2), { folder, port: await freePort() });
  const env = { ...process.env, PATH: `${folder}:${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  for (const { command, prints } of calls) {
    const { stdout } = await run('bash', ['-c', command], { cwd: folder, env });
    assert.ok(
      says(prints, JSON.parse(stdout)),
      `${command}\nprinted ${stdout}\nand not ${JSON.stringify(prints)}\n${library.output()}`,
    );
  }
});
