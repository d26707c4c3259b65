import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Instance } from 'flotilla/discovery';
import { flotilla, flotillaRunning } from './run.ts';

const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');
const folder = await mkdtemp(join(tmpdir(), 'cli-registry-'));
after(() => rm(folder, { recursive: true }));

async function listed(...args: string[]): Promise<Instance[]> {
  const { code, stdout, stderr } = await flotilla(['instances', ...args, '--json'], { cwd: folder });
  assert.equal(code, 0, stderr);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Instance)));
}

test('instances are listed as they come and go, those of the system and those registered by hand', async () => {
  const thing = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  after(() => thing.close());
  await once(thing, 'listening');
  const url = `http://127.0.0.1:${(thing.address() as { port: number }).port}`;

  await using stamps = flotillaRunning(['start', 'stamps', '--system', TINY, '--json'], folder);
  const { internalUrl } = JSON.parse(await stamps.line()) as { internalUrl: string };
  const given = [
    '--service',
    'billing',
    '--url',
    `${url}/`,
    '--check',
    `${url}/health`,
    '--version',
    '2.1.0',
    '--meta',
    'team=money',
  ];
  await using registered = flotillaRunning(['register', ...given, '--json'], folder);
  const states: string[] = [];
  while (states.at(-1) !== 'passing') states.push((JSON.parse(await registered.line()) as { status: string }).status);
  assert.deepEqual(states, ['starting', 'passing']);

  const [billing, stamp, ...others] = await listed();
  assert.deepEqual(others, []);
  assert.deepEqual([stamp!.service, stamp!.url, stamp!.status], ['stamps', internalUrl, 'passing']);
  assert.deepEqual([billing!.id, billing!.url, billing!.version], [`billing@${new URL(url).host}`, url, '2.1.0']);
  assert.deepEqual(billing!.metadata, { team: 'money' });
  const { stdout } = await flotilla(['instances', 'billing'], { cwd: folder });
  assert.match(stdout, /^SERVICE +ID +STATUS.*\nbilling +billing@127\.0\.0\.1:\d+ +passing +2\.1\.0 +http:\S+ +.* left\n$/);

  registered.child.kill('SIGTERM');
  const goodbye = [await registered.line(), await registered.line()].map((line) => (JSON.parse(line) as { event: string }).event);
  assert.deepEqual(goodbye, ['gone', 'stopped']);
  assert.deepEqual(await listed('billing'), []);
});

test('a system in one process lists nothing', async () => {
  await using dev = flotillaRunning(['dev', TINY, '--port', '0', '--data', 'alone', '--json'], folder);
  await dev.line();
  assert.deepEqual(await listed('--data', 'alone'), []);
});

test('what can not be registered is refused with the reason', async () => {
  const cases: [string[], number, RegExp][] = [
    [['--url', 'http://x'], 2, /--service is missing/],
    [['--service', 'x'], 2, /--url is missing/],
    [['--service', 'x', '--url', 'http://x', '--check', 'soon'], 2, /--check wants http:/],
    [['--service', 'x', '--url', 'x:8080/path?q', '--data', folder], 1, /is not a base URL/],
    [['--service', 'x', '--url', 'http://x', '--weight', 'heavy', '--data', folder], 1, /weight NaN/],
  ];
  for (const [args, code, pattern] of cases) {
    const run = await flotilla(['register', ...args], { cwd: folder });
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, pattern);
  }
});
