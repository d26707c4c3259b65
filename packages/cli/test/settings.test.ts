import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { flotilla } from './run.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const TINY = join(FIXTURES, 'tiny/system.ts');

test('a setting is explained with its place and what it overrides', async () => {
  const args = [
    'config',
    'explain',
    'services.notes.maxLength',
    '--system',
    TINY,
    '--profile',
    'long',
    '--set',
    'services.notes.max-length=7',
  ];
  const people = await flotilla(args);
  assert.equal(people.code, 0, people.stderr);
  assert.match(
    people.stdout,
    /^services\.notes\.maxLength = 7\n {2}from the command line: --set services\.notes\.max-length\n {2}instead of\n/,
  );
  const scripts = await flotilla([...args, '--json']);
  const { value, overridden } = JSON.parse(scripts.stdout) as { value: number; overridden: { value: number; where: string }[] };
  assert.equal(value, 7);
  assert.deepEqual(
    overridden.map((one) => one.value),
    [500, 50],
  );
  assert.match(overridden[1]!.where, /base\.yaml:3$/);
});

test('all settings are listed, secrets hidden', async () => {
  const { stdout } = await flotilla(['config', 'explain', '--system', TINY]);
  assert.match(stdout, /services\.notes\.maxLength +50 +.*base\.yaml:3/);
  assert.match(stdout, /services\.notes\.apiToken +"\[secret\]" +schema/);
  assert.doesNotMatch(stdout, /t0ps3cret/);
  assert.equal((await flotilla(['config', 'explain', 'nothing', '--system', TINY])).code, 1);
});

test('a sound system is said to be sound', async () => {
  const { code, stdout } = await flotilla(['check', TINY, '--json']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { ok: true, system: 'tiny', services: 2, operations: 7, routes: 1 });
});

test('everything wrong with configuration and routes is said at once, and nothing starts', async () => {
  // Beside the fixtures, so that the copy finds its packages.
  const broken = await mkdtemp(join(FIXTURES, 'broken-'));
  after(() => rm(broken, { recursive: true }));
  await cp(join(FIXTURES, 'tiny'), broken, { recursive: true });
  await writeFile(join(broken, 'gateway.yaml'), 'routes:\n  - path: /api/*\n    service: nobody\n');
  await writeFile(join(broken, 'config/base.yaml'), 'services:\n  notes:\n    maxLenght: 5\n');
  const { code, stdout } = await flotilla(['check', join(broken, 'system.ts')]);
  assert.equal(code, 1);
  assert.match(stdout, /base\.yaml:3: services\.notes\.maxLenght: is not a setting; did you mean 'maxLength'\?/);
  assert.match(stdout, /gateway\.yaml:3: /);
  const dev = await flotilla(['dev', join(broken, 'system.ts'), '--data', join(broken, 'data')]);
  assert.equal(dev.code, 1);
  assert.match(dev.stderr, /base\.yaml:3/);
});

interface OperationPolicy {
  operation: string;
  settings: { setting: string; value: unknown; level: string; where?: string }[];
}

test('every policy of an operation is said with the place that decided on it', async () => {
  const sets = [
    'policies.services.notes.operations.get.timeout.attempt=250ms',
    'policies.services.notes.policy.breaker.open-for=3s',
    'policies.all.bulkhead.limit=7',
    'policies.all.retry=false',
  ].flatMap((pair) => ['--set', pair]);
  const { code, stdout, stderr } = await flotilla(['policies', '--system', TINY, ...sets, '--json']);
  assert.equal(code, 0, stderr);
  const all = stdout.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as OperationPolicy)));
  assert.deepEqual(
    all.map(({ operation }) => operation),
    ['notes.get', 'notes.whoami', 'notes.add', 'notes.hold', 'notes.words', 'stamps.stamp', 'stamps.unstamp'],
  );
  const said = (operation: string, setting: string): unknown[] => {
    const found = all.find((one) => one.operation === operation)?.settings.find((one) => one.setting === setting);
    return [found?.value, found?.level];
  };
  assert.deepEqual(said('notes.get', 'timeout.attempt'), [250, 'operation']);
  assert.deepEqual(said('notes.whoami', 'timeout.attempt'), [5_000, 'default']);
  assert.deepEqual(said('notes.add', 'breaker.openFor'), [3_000, 'service']);
  assert.deepEqual(said('stamps.stamp', 'breaker.openFor'), [10_000, 'default']);
  assert.deepEqual(said('stamps.stamp', 'bulkhead.limit'), [7, 'system']);
  assert.deepEqual(said('stamps.stamp', 'retry.attempts'), [undefined, undefined]);

  const people = await flotilla(['policies', 'notes.get', '--system', TINY, ...sets]);
  assert.match(people.stdout, /^notes\.get, a query, is repeated freely/);
  assert.match(
    people.stdout,
    /timeout\.attempt +250 ms +operation: --set policies\.services\.notes\.operations\.get\.timeout\.attempt\n/,
  );
  const table = await flotilla(['policies', 'stamps', '--system', TINY]);
  assert.match(table.stdout, /stamps\.stamp +command +5\.0 s +15\.0 s +3 +50 % +100 +defaults\n/);
  assert.equal((await flotilla(['policies', 'nobody', '--system', TINY])).code, 2);
});
