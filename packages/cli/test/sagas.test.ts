import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flotilla, flotillaRunning, type Run, type Running } from './run.ts';

const PATIENCE_MS = 60_000;
const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');
const RENAMED = join(import.meta.dirname, 'fixtures/tiny/renamed-step.ts');

let folder: string;
let dev: Running;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-sagas-'));
  dev = await started(TINY, '--sagas-paused');
});
after(async () => {
  await dev[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function started(system: string, ...options: string[]): Promise<Running> {
  const running = flotillaRunning(['dev', system, '--port', '0', '--json', ...options], folder);
  assert.equal((JSON.parse(await running.line()) as { event: string }).event, 'ready');
  return running;
}

interface Saga {
  id: string;
  status: string;
  paused: boolean;
  awaits?: string;
  correlationId: string;
}

async function json<TLine>(...args: string[]): Promise<TLine[]> {
  const { code, stdout, stderr } = await flotilla([...args, '--json'], { cwd: folder });
  assert.equal(code, 0, stderr);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as TLine)));
}
const plain = (...args: string[]): Promise<Run> => flotilla(args, { cwd: folder });

async function hold(id: string): Promise<string> {
  const [answer] = await json<{ sagaId: string }>('call', 'notes.hold', JSON.stringify({ id }));
  return answer!.sagaId;
}

/** Asks until the saga is as it should be. */
async function reaches(id: string, isRight: (saga: Saga) => boolean): Promise<Saga> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    const [found] = await json<{ saga: Saga }>('sagas', 'show', id);
    if (isRight(found!.saga)) return found!.saga;
  }
  return assert.fail('it never came to be');
}
const isWaiting = ({ awaits }: Saga): boolean => awaits === 'verdict';

test('a system started with its sagas paused holds them back until they are resumed', async () => {
  const id = await hold('held');
  const listed = await plain('sagas', 'list');
  assert.match(listed.stdout, new RegExp(`${id} +notes +hold-note +held +ready`));
  assert.match(listed.stderr, /All sagas of notes are paused; 'flotilla sagas resume --service notes' lets them go on/);
  for (const service of ['notes', 'stamps']) await json('sagas', 'resume', '--service', service);
  await reaches(id, isWaiting);
});

test('a person decides what a saga waits for, and the conversation shows what that led to', async () => {
  const id = await hold('decided');
  const { correlationId } = await reaches(id, isWaiting);
  const wrong = await plain('sagas', 'signal', id, 'verdict', '{"by":7}');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /by: /);
  await json('sagas', 'signal', id, 'verdict', '{"by":"ada"}', '--operator', 'bob');
  await reaches(id, ({ status }) => status === 'done');
  const { stdout } = await plain('conversation', correlationId);
  assert.match(stdout, /saga hold-note decided: done\n.* step look-up ok\n[^]* step verdict ok\n/);
  assert.match(stdout, /saga\.signalled .*"operator":"bob"/);
  assert.match(stdout, /NoteKept {"id":"decided","by":"ada"}/);
});

test('a saga is paused, resumed and cancelled', async () => {
  const id = await hold('cancelled');
  await reaches(id, isWaiting);
  const [paused] = await json<{ saga: Saga }>('sagas', 'pause', id);
  assert.equal(paused!.saga.paused, true);
  assert.deepEqual(
    (await json<Saga>('sagas', 'list', '--status', 'paused')).map((saga) => saga.id),
    [id],
  );
  await json('sagas', 'resume', id);
  await json('sagas', 'cancel', id, '--reason', 'no longer wanted');
  await reaches(id, ({ status }) => status === 'cancelled');
  const again = await plain('sagas', 'cancel', id);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /can't be cancelled: it is cancelled already/);
});

test('a kind is paused where it runs, and a kind that nobody has is named', async () => {
  assert.match((await plain('sagas', 'pause', '--kind', 'hold-note')).stdout, /hold-note of notes is paused\./);
  assert.match((await plain('sagas', 'resume', '--kind', 'hold-note')).stdout, /hold-note of notes is resumed\./);
  const unknown = await plain('sagas', 'pause', '--kind', 'bogus');
  assert.deepEqual([unknown.code, /No service has a saga of the kind 'bogus'/.test(unknown.stderr)], [2, true]);
});

test('a saga is run anew from a step on', async () => {
  const id = await hold('forked');
  await reaches(id, isWaiting);
  assert.match((await plain('sagas', 'fork', id, '--from', 'keep')).stderr, /can't be forked there: it is waiting/);
  await json('sagas', 'signal', id, 'verdict', '{"by":"ada"}');
  await reaches(id, ({ status }) => status === 'done');
  const [answer] = await json<{ fork: string }>('sagas', 'fork', id, '--from', 'verdict');
  await reaches(answer!.fork, isWaiting);
  await json('sagas', 'signal', answer!.fork, 'verdict', '{"by":"eve"}');
  await reaches(answer!.fork, ({ status }) => status === 'done');
});

test('all stuck sagas of a kind are retried at once, and one is told what its step returned', async () => {
  const ids: string[] = [];
  for (const id of ['s1', 's2']) {
    const [answer] = await json<{ sagaId: string }>('call', 'notes.add', JSON.stringify({ id, text: 'stuck' }));
    ids.push(answer!.sagaId);
  }
  for (const id of ids) await reaches(id, ({ status }) => status === 'stuck');
  const retried = await json<{ saga: Saga }>('sagas', 'retry', '--all', '--kind', 'stamp-note');
  assert.deepEqual(retried.map(({ saga }) => saga.id).sort(), ids.toSorted());
  for (const id of ids) await reaches(id, ({ status }) => status === 'stuck');
  const undoing = await plain('sagas', 'edit', ids[0]!, '{"stamp":1}', '--reason', 'by hand');
  assert.match(undoing.stderr, /not stuck at a step that returns something/);
  await json('sagas', 'retry', ...ids);
});

test('a deployment that renamed a step under a running saga leaves it stuck, and the one before sees it through', async () => {
  const id = await hold('renamed');
  await reaches(id, isWaiting);
  await dev.stop();
  dev = await started(RENAMED);
  await json('sagas', 'signal', id, 'verdict', '{"by":"ada"}');
  await reaches(id, ({ status }) => status === 'stuck');
  assert.match((await plain('sagas', 'list', '--status', 'stuck', '--kind', 'hold-note')).stdout, /UNKNOWN_STEP: .*'look-up'/);
  assert.match((await plain('sagas', 'skip', id, '--reason', 'x')).stderr, /not stuck at one step/);
  await dev.stop();
  dev = await started(TINY);
  await json('sagas', 'retry', id);
  await reaches(id, ({ status }) => status === 'done');
});
