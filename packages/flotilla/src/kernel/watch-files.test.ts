import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeRuntime, until } from '../testing/index.ts';
import { systemClock, watchFiles } from './index.ts';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-watch-'));
  return { folder, file: join(folder, 'settings.yaml'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('every way to change a file is noticed', async () => {
  using at = place();
  const other = join(at.folder, 'other');
  let changes = 0;
  using _watching = watchFiles({ files: [at.file], clock: systemClock, changed: () => void (changes += 1) });
  const ways = [
    () => writeFileSync(at.file, 'one'),
    () => (writeFileSync(other, 'two'), renameSync(other, at.file)),
    () => rmSync(at.file),
    () => (writeFileSync(other, 'three'), symlinkSync(other, at.file)),
  ];
  for (const [index, way] of ways.entries()) {
    way();
    await until(() => changes === index + 1);
  }
});

test('a file is waited for until it rests: what it said meanwhile is not told', async () => {
  using at = place();
  const { clock } = createFakeRuntime();
  const told: number[] = [];
  using watching = watchFiles({ files: [at.file], clock, changed: () => void told.push(clock.monotonic()) });
  for (let count = 0; count < 100; count += 1) {
    writeFileSync(at.file, `version ${count}`);
    await clock.advance(100);
  }
  assert.ok(told.length <= 1, `told ${told.length} times while it was written`);
  await clock.advance(5_000);
  const before = told.length;
  writeFileSync(at.file, 'version 99');
  await clock.advance(10_000);
  assert.equal(told.length, before, 'the same contents are no change');
  writeFileSync(at.file, '');
  writeFileSync(at.file, 'version 99');
  await clock.advance(10_000);
  assert.equal(told.length, before, 'nor is what came and went');
  watching[Symbol.dispose]();
  assert.equal(clock.pending, 0);
});
