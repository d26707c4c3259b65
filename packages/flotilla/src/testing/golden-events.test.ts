import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

/** Runs the suite over a folder in a process of its own, because a failing suite can't be part of this one. */
async function runSuite(files: Record<string, unknown>): Promise<{ failed: boolean; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-golden-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
    const child = join(import.meta.dirname, 'test/golden.child.ts');
    const env = { PATH: process.env['PATH'], GOLDEN_FOLDER: folder };
    return await new Promise((resolve) => {
      execFile(process.execPath, ['--test-reporter=tap', child], { env }, (error, stdout) => {
        resolve({ failed: error !== null, output: stdout });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const V1 = { 'Noted.v1.json': { data: 'hi', becomes: { text: 'hi' } } };
const V2 = { 'Noted.v2.json': { data: { text: 'hi' } } };

test('files of every version that become what they say pass', async () => {
  const { failed, output } = await runSuite({ ...V1, ...V2, 'Torn.v1.json': { data: null }, 'README.md': 'no event' });
  assert.equal(failed, false, output);
  assert.match(output, /ok \d+ - Torn v1 becomes what its golden file says/);
});

test('a version without a file fails and says what to write', async () => {
  for (const [present, missing] of [
    [V1, 'v2'],
    [V2, 'v1'],
  ] as const) {
    // prettier-ignore
    const { failed, output } = await runSuite(present);
    assert.ok(failed);
    assert.match(output, new RegExp(`not ok \\d+ - Noted ${missing} has a golden file`));
    assert.match(output, /Write .*json: .*"data"/);
  }
});

test('an event that becomes something else, breaks the contract or is of an unknown version fails', async () => {
  const { output } = await runSuite({
    ...V2,
    'Noted.v1.json': { data: 'hi', becomes: { text: 'ho' } },
    'Torn.v1.json': { data: 3 },
    'Noted.v9.json': { data: {} },
  });
  assert.match(output, /not ok \d+ - Noted v1 becomes/);
  assert.match(output, /not ok \d+ - Torn v1 becomes[^]*it breaks the contract/);
  assert.match(output, /not ok \d+ - Noted v9 becomes[^]*UNKNOWN_EVENT_VERSION/);
  assert.match(output, /ok \d+ - Noted v2 becomes/);
});
