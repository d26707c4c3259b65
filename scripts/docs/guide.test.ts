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
const guide = readGuide(await readFile(join(root, 'docs/guides/add-a-service.md'), 'utf8'));
const [start, ...calls] = guide.commands;

// The README shows what one writes, not where it is imported from.
const README_IMPORTS = `import { contract } from 'flotilla/contract';
import { service } from 'flotilla/service';
import * as z from 'zod';`;
const readme = /^```ts\n([\s\S]*?)^```$/m.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[1];

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-guide-'));
  for (const shared of ['node_modules', 'tsconfig.json', 'package.json']) await symlink(join(root, shared), join(folder, shared));
  for (const [path, text] of guide.files) {
    const file = join(folder, 'examples/reviews', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await mkdir(join(folder, 'examples/readme'));
  await writeFile(join(folder, 'examples/readme/readme.ts'), `${README_IMPORTS}\n${readme}`);
});
after(() => rm(folder, { recursive: true, force: true }));

test('the guide has files to write, one command to start and calls with answers', () => {
  assert.deepEqual([...guide.files.keys()].slice(-2), ['system.ts', 'gateway.yaml']);
  assert.equal(start?.command, 'npx flotilla dev examples/reviews/system.ts');
  assert.ok(calls.length >= 4 && calls.every(({ prints }) => prints !== undefined));
});

test('the code of the guide and of the README passes the compiler', async () => {
  assert.match(readme ?? '', /service\(/);
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: folder });
});

test('the guide does what it says', async () => {
  const port = await freePort();
  await using shop = await started(start!.command.split(' ').slice(2), { folder, port });
  for (const { command, prints } of calls) {
    const { stdout } = await run('bash', ['-c', command.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)]);
    assert.ok(
      says(prints, JSON.parse(stdout)),
      `${command}\nprinted ${stdout}\nand not ${JSON.stringify(prints)}\n${shop.output()}`,
    );
  }
});

test('an answer says what a guide expects when nothing expected is missing', () => {
  assert.ok(says({ id: '…', list: [{ n: 1 }] }, { id: 'x', list: [{ n: 1, m: 2 }], more: true }));
  assert.ok(!says({ id: '…' }, { id: 3 }));
  assert.ok(!says({ n: 1 }, { n: 2 }));
});
