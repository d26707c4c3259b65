import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Lockfile, missingPlatforms, withPlatforms } from './platforms.ts';

test('the lockfile names the binaries of every platform, so that `npm ci` takes it everywhere', async () => {
  const lockfile = JSON.parse(await readFile(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as Lockfile;
  assert.deepEqual([...missingPlatforms(lockfile).keys()], [], 'Run: npm run lockfile');
});

test('a binary that is missing is added with the platform that its name says', () => {
  const tool = { dev: true, optionalDependencies: { '@tool/linux-x64-musl': '1.0.0', '@tool/win32-arm64': '1.0.0' } };
  const { packages } = withPlatforms({ packages: { '': {}, 'node_modules/tool': tool } });
  assert.deepEqual(packages['node_modules/@tool/linux-x64-musl'], {
    version: '1.0.0',
    dev: true,
    optional: true,
    os: ['linux'],
    cpu: ['x64'],
    libc: ['musl'],
  });
  assert.deepEqual(packages['node_modules/@tool/win32-arm64']?.os, ['win32']);
});

test('a name without a platform is left to a person', () => {
  assert.throws(() => missingPlatforms({ packages: { a: { optionalDependencies: { fsevents: '2.0.0' } } } }), /by hand/);
});
