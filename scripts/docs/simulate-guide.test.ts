import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { readGuide } from './guide.ts';
import { root } from './pages.ts';

const run = promisify(execFile);
const text = await readFile(join(root, 'docs/guides/simulate.md'), 'utf8');
const { files } = readGuide(text);
const env = { PATH: process.env.PATH };

let folder: string;
let bank: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-guide-'));
  bank = join(folder, 'examples/bank');
  for (const shared of ['node_modules', 'tsconfig.json', 'package.json']) await symlink(join(root, shared), join(folder, shared));
  await mkdir(bank, { recursive: true });
  for (const [path, code] of files) await writeFile(join(bank, path), code);
});
after(() => rm(folder, { recursive: true, force: true }));

async function outputOf(file: string, more: Record<string, string> = {}): Promise<{ passed: boolean; output: string }> {
  try {
    const { stdout } = await run(process.execPath, [file], { cwd: bank, env: { ...env, ...more } });
    return { passed: true, output: stdout };
  } catch (error) {
    return { passed: false, output: (error as { stdout: string }).stdout };
  }
}

test('the code of the guide passes the compiler', async () => {
  assert.deepEqual([...files.keys()], ['bank.ts', 'simulation.test.ts', 'careless.test.ts']);
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], { cwd: folder });
});

test('the bank of the guide keeps its promises', async () => {
  const { passed, output } = await outputOf('simulation.test.ts');
  assert.ok(passed, output);
});

test('the careless bank is found out, in the words of the guide, and again by the command that is printed', async () => {
  const first = await outputOf('careless.test.ts');
  assert.ok(!first.passed);
  const shape =
    /Seed \d+ broke a promise:\n +- no money is made or lost: [\s\S]*?with \d+ visitors? and \d+ faults?, the fewest found in \d+ runs:\n/;
  assert.match(first.output, shape);
  assert.match(text, shape);
  const [, seed] = /Repeat it: SEED=(\S+) node careless\.test\.ts/.exec(first.output)!;
  const again = await outputOf('careless.test.ts', { SEED: seed! });
  assert.match(again.output, /no money is made or lost: [\s\S]*What happened:/);
});
