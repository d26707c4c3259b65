import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { freshDatabase, noPrivatePostgres, type PostgresServer, startPostgres } from '@flotilla/postgres/testing';
import { driver } from '../src/infrastructure.ts';
import { flotilla, flotillaRunning } from './run.ts';

const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');
const SECRET = 'hunter2-hunter2';

const folder = await mkdtemp(join(tmpdir(), 'cli-infrastructure-'));
after(() => rm(folder, { recursive: true, force: true }));

test('where a store or a bus is named, and by whom, is explained without its password', async () => {
  const env = { FLOTILLA_STORE: `postgres://shop:${SECRET}@db/shop`, FLOTILLA_SYSTEM_KEY: SECRET.repeat(3) };
  const args = ['config', 'explain', 'infrastructure', '--system', TINY, '--bus', `nats://shop:${SECRET}@broker`];
  const { code, stdout, stderr } = await flotilla(args, { env });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /infrastructure\.bus +"nats:\/\/shop:\[secret\]@broker" +--set infrastructure\.bus/);
  assert.match(stdout, /infrastructure\.store +"postgres:\/\/shop:\[secret\]@db\/shop" +FLOTILLA_STORE/);
  assert.match(stdout, /infrastructure\.systemKey +"\[secret\]" +FLOTILLA_SYSTEM_KEY/);
  assert.doesNotMatch(stdout, /hunter2/);
});

test('a store or a bus that nobody knows is refused with those there are, and without its password', async () => {
  for (const [option, url, known] of [
    ['--store', `mysql://root:${SECRET}@db/shop`, /sqlite and postgres/],
    ['--bus', `amqp://guest:${SECRET}@broker`, /direct, nats/],
  ] as const) {
    const { code, stderr } = await flotilla(['dev', TINY, '--data', join(folder, 'refused'), option, url]);
    assert.equal(code, 1);
    assert.match(stderr, known);
    assert.doesNotMatch(stderr, /hunter2/);
  }
  const { code, stderr } = await flotilla(['check', TINY, '--store', 'somewhere', '--json']);
  assert.equal(code, 1, stderr);
});

test('a driver that is not installed is named with what installs it; other failures of its code are shown as they are', async () => {
  const absent = '@flotilla/absent';
  await assert.rejects(
    driver(absent, () => import(absent)),
    { code: 'DRIVER_MISSING', message: /npm install @flotilla\/absent/ },
  );
  const broken = new Error('a bug of the driver');
  await assert.rejects(
    driver(absent, () => Promise.reject(broken)),
    broken,
  );
});

suite('a part of a system on PostgreSQL', { skip: noPrivatePostgres }, () => {
  let started: Promise<PostgresServer> | undefined;
  const server = (): Promise<PostgresServer> => (started ??= startPostgres());
  after(async () => await (await started)?.[Symbol.asyncDispose]());

  const start = (store: string, machine: string, env: Record<string, string> = {}) =>
    flotillaRunning(['start', 'stamps', '--system', TINY, '--data', join(folder, machine), '--json'], folder, {
      FLOTILLA_STORE: store,
      ...env,
    });

  test('waits for a database that is away, says so, and is up when it comes back', async () => {
    const postgres = await server();
    await using place = freshDatabase(postgres.url, 'late');
    await postgres.stop('immediate');
    await using part = start(place.url, 'late');
    await part.complains(/the database is away; waiting until it is there/);
    await postgres.restart();
    const ready = JSON.parse(await part.line()) as { event: string; store: string };
    assert.equal(ready.event, 'ready');
    assert.match(ready.store, /^PostgreSQL at 127\.0\.0\.1:\d+, databases late_\*$/);
    assert.doesNotMatch(part.stderr(), /for%20tests|for tests/);
    assert.equal(await part.stop(), 0);
  });

  test('stops waiting when it is told to', async () => {
    const postgres = await server();
    await postgres.stop('immediate');
    await using part = start(postgres.url, 'patient');
    await part.complains(/the database is away/);
    assert.equal(await part.stop(), 0);
    await postgres.restart();
  });

  test('does not wait for what waiting can not mend, and never says the password', async () => {
    const { url } = await server();
    const wrong = Object.assign(new URL(url), { password: SECRET }).href;
    const args = ['start', 'stamps', '--system', TINY, '--data', join(folder, 'wrong'), '--store', wrong];
    const { code, stderr } = await flotilla(args);
    assert.equal(code, 1);
    assert.match(stderr, /Correct user and password/);
    assert.doesNotMatch(stderr, /hunter2/);
  });

  test('on a second machine needs the key of the first, by file or environment, and never makes another', async () => {
    await using place = freshDatabase((await server()).url, 'two_machines');
    await using first = start(place.url, 'machine-1');
    await first.line();
    const keyFile = (machine: string): string => join(folder, machine, 'system.key');
    const refusal = async (machine: string, env: Record<string, string> = {}): Promise<string> => {
      await using part = start(place.url, machine, env);
      await assert.rejects(part.line());
      return part.stderr();
    };
    assert.match(await refusal('machine-2'), /SYSTEM_KEY_MISSING/);
    await assert.rejects(readFile(keyFile('machine-2')), { code: 'ENOENT' });
    assert.match(await refusal('machine-2', { FLOTILLA_SYSTEM_KEY: 'x'.repeat(43) }), /SYSTEM_KEY_WRONG/);

    const key = await readFile(keyFile('machine-1'), 'utf8');
    await using second = start(place.url, 'machine-2', { FLOTILLA_SYSTEM_KEY: key, FLOTILLA_INTERNAL_HOST: 'localhost' });
    const { internalUrl } = JSON.parse(await second.line()) as { internalUrl: string };
    assert.match(internalUrl, /^http:\/\/localhost:\d+$/);
    await mkdir(join(folder, 'machine-3'), { recursive: true });
    await copyFile(keyFile('machine-1'), keyFile('machine-3'));
    await using third = start(place.url, 'machine-3');
    await third.line();

    const { stdout } = await flotilla([
      'instances',
      'stamps',
      '--data',
      join(folder, 'machine-2'),
      '--store',
      place.url,
      '--json',
    ]);
    assert.equal(stdout.trim().split('\n').length, 3);
    const unnamed = await flotilla(['instances', '--data', join(folder, 'machine-2')]);
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /registry is in postgres: say --store URL/);
    // An operator on a machine where nothing runs reaches the whole system too.
    const elsewhere = { FLOTILLA_STORE: place.url, FLOTILLA_SYSTEM_KEY: key };
    const called = await flotilla(
      ['call', 'stamps.stamp', '{"id":"n1","text":"hello"}', '--data', join(folder, 'desk'), '--json'],
      {
        env: elsewhere,
      },
    );
    assert.equal(called.code, 0, called.stderr);
    assert.deepEqual(await Promise.all([first, second, third].map((part) => part.stop())), [0, 0, 0]);
  });
});
