import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { COMMANDS } from '../src/command-list.ts';
import { flotilla } from './run.ts';

const empty = await mkdtemp(join(tmpdir(), 'cli-'));
after(() => rm(empty, { recursive: true }));

test('the overview names every command and the exit codes', async () => {
  for (const args of [[], ['--help'], ['help']]) {
    const { code, stdout } = await flotilla(args);
    assert.equal(code, 0);
    for (const { name, summary } of COMMANDS) assert.match(stdout, new RegExp(`${name} +${summary}`));
    assert.match(stdout, /Exit codes: 0 good, 1 .*, 2 .*, 3 /);
  }
});

test('every command explains itself, with an example and with what --json prints', async () => {
  const helps = await Promise.all(
    COMMANDS.map(async ({ name }) => ({ name, ...(await flotilla([...name.split(' '), '--help'])) })),
  );
  for (const { name, code, stdout, stderr } of helps) {
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`Usage\n  flotilla ${name} `), name);
    assert.match(stdout, new RegExp(`Examples?\n  .*flotilla ${name}\\b`), name);
    assert.match(stdout, /\n {2}--json +\S/, name);
    assert.match(stdout, /With --json\n {2}\S/, name);
    assert.ok(!stdout.includes('\u001b'), 'colours are for terminals');
    for (const line of stdout.split('\n')) assert.ok(line.length <= 140, `${name}: ${line}`);
  }
});

test('help of a family lists its commands only', async () => {
  const { code, stdout } = await flotilla(['sagas', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /sagas retry/);
  assert.doesNotMatch(stdout, /events tail/);
});

test('wrong usage exits with 2 and one sentence that says what is wrong', async () => {
  const cases: [string[], RegExp][] = [
    [['bogus'], /There is no command 'bogus'/],
    [['sagas'], /'sagas' wants one more word: sagas list/],
    [['sagas', 'bogus'], /There is no command 'sagas bogus'/],
    [['--bogus'], /Write a command first/],
    [['dev'], /SYSTEM is missing/],
    [['dev', 'a.ts', 'b.ts'], /'b.ts' is one argument too many/],
    [['dev', 'a.ts', '--bogus'], /Unknown option '--bogus'/],
    [['dev', 'a.ts', '--data', ''], /--data is empty/],
    [['dev', 'a.ts', '--only', ','], /',' is a list without anything in it/],
    [['call', 'x'], /'x' is not SERVICE\.OPERATION/],
    [['call', 'a.b', '{'], /INPUT: This is not JSON/],
    [['call', 'a.b', '@missing.json'], /INPUT: ENOENT/],
    [['call', 'a.b', '{}', '--timeout', 'soon'], /--timeout: 'soon' is not a duration/],
    [['call', 'a.b', '--url', 'http://x', '--data', 'y'], /exclude each other/],
    [['start', 'orders'], /--system is missing/],
    [['sagas', 'retry'], /Name the sagas to retry, or say --all/],
    [['sagas', 'retry', 'x', '--all'], /Name the sagas to retry, or say --all/],
    [['sagas', 'retry', 'x', '--kind', 'k'], /--kind goes with --all/],
    [['sagas', 'skip', 'x'], /--reason is missing/],
    [['sagas', 'edit', 'x', '{', '--reason', 'y'], /OUTPUT: This is not JSON/],
    [['sagas', 'signal', 'x', 'name', '{'], /JSON: This is not JSON/],
    [['sagas', 'fork', 'x'], /--from is missing/],
    [['sagas', 'pause'], /Say which sagas: an ID, --kind or --service/],
    [['sagas', 'resume', 'x', '--kind', 'y'], /Say which sagas: an ID, --kind or --service/],
    [['config', 'explain', 'a'], /--system is missing/],
    [['sagas', 'list', '--status', 'sad'], /--status wants one of done, /],
    [['sagas', 'skip', 'id'], /--reason is missing/],
    [['sagas', 'resolve', 'id', '--reason', ' '], /--reason is missing/],
    [['events', 'tail', '--from', '-1'], /--from/],
    [['events', 'tail', '--follow', 'maybe'], /--follow wants true or false/],
  ];
  const runs = await Promise.all(
    cases.map(async ([args, pattern]) => ({ args, pattern, run: await flotilla(args, { cwd: empty }) })),
  );
  for (const { args, pattern, run } of runs) {
    assert.equal(run.code, 2, `${args.join(' ')}: ${run.stderr}`);
    assert.match(run.stderr, pattern);
    assert.equal(run.stdout, '');
    assert.doesNotMatch(run.stderr, /^ {4}at /m);
  }
});

test('without a running system commands exit with 3 and say how to start one', async () => {
  for (const args of [
    ['call', 'a.b'],
    ['sagas', 'list'],
    ['events', 'parked'],
    ['sagas', 'list', '--data', 'nowhere'],
  ]) {
    const { code, stderr } = await flotilla(args, { cwd: empty });
    assert.equal(code, 3);
    assert.match(stderr, /No system runs .*'flotilla dev SYSTEM'/);
  }
});

test('with --json errors are one JSON object', async () => {
  const { code, stderr } = await flotilla(['call', 'a.b', '--json'], { cwd: empty });
  assert.equal(code, 3);
  assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, 'SYSTEM_NOT_RUNNING');
});

test('a system file that is missing or no system is refused with its name', async () => {
  const missing = await flotilla(['dev', 'missing.ts'], { cwd: empty });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /missing\.ts can't be used as a system: there is no such file/);
  const noSystem = await flotilla(['check', join(import.meta.dirname, 'run.ts')], { cwd: empty });
  assert.equal(noSystem.code, 1);
  assert.match(noSystem.stderr, /it exports no system/);
});

test('an old Node is told what is missing', async () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })`;
  const old = await flotilla(['--help'], { node: ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`] });
  assert.equal(old.code, 2);
  assert.equal(old.stdout, '');
  assert.match(old.stderr, /^flotilla needs Node 24 or newer and runs on 20\.1\.0 here\. .*npx\.\n$/);
});
