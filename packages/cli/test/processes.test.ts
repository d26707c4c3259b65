import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from 'flotilla/testing';
import { flotilla, flotillaRunning, type Running } from './run.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const TINY = join(FIXTURES, 'tiny/system.ts');
const folder = await mkdtemp(join(tmpdir(), 'cli-processes-'));
after(() => rm(folder, { recursive: true }));

interface Happening {
  event: string;
  part: string;
  instance: number;
  pid: number;
  gatewayUrl: string;
  instances: { part: string; instance: number; pid: number }[];
  failed: string[];
  why: string[];
  message: string;
}

/** Reads events until one is the one that is waited for; returns them all. */
async function eventsUntil(running: Running, isLast: (happening: Happening) => boolean): Promise<Happening[]> {
  const seen: Happening[] = [];
  for (;;) {
    const happening = JSON.parse(await running.line()) as Happening;
    seen.push(happening);
    if (isLast(happening)) return seen;
  }
}
const eventUntil = async (running: Running, isIt: (happening: Happening) => boolean): Promise<Happening> =>
  (await eventsUntil(running, isIt)).at(-1)!;
const isReady = ({ event }: Happening): boolean => event === 'ready';
const dev = (system: string, data: string, ...args: string[]): Running =>
  flotillaRunning(['dev', system, '--processes', '--port', '0', '--data', join(folder, data), '--json', ...args], folder);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('each instance is a process; one that is killed comes back; a stop drains the gateway first', async () => {
  await using running = dev(TINY, 'one', '--scale', 'stamps=2');
  const ready = await eventUntil(running, isReady);
  assert.deepEqual(ready.instances.map(({ part, instance }) => `${part} ${instance}`).sort(), [
    'gateway 1',
    'notes 1',
    'stamps 1',
    'stamps 2',
  ]);
  const add = ['call', 'notes.add', '{"id":"n1","text":"hello"}', '--data', join(folder, 'one')];
  assert.equal((await flotilla(add)).code, 0);
  assert.equal((await fetch(`${ready.gatewayUrl}/api/notes/n1`)).status, 200);

  const victim = ready.instances.find(({ part }) => part === 'notes')!.pid;
  process.kill(victim, 'SIGKILL');
  const events = await eventsUntil(running, ({ event, part }) => event === 'up' && part === 'notes');
  assert.deepEqual(
    events.map(({ event }) => event),
    ['down', 'restarting', 'starting', 'up'],
  );
  await until(async () => (await fetch(`${ready.gatewayUrl}/api/notes/n1`)).status === 200);

  const exit = once(running.child, 'exit');
  running.child.kill('SIGTERM');
  const end = await eventsUntil(running, ({ event }) => event === 'stopped');
  const downs = end.filter(({ event }) => event === 'down').map(({ part }) => part);
  assert.deepEqual(downs, ['gateway', 'notes', 'stamps', 'stamps'], 'the gateway, then callers, then those they call');
  assert.deepEqual(await exit, [0, null]);
});

test('only what a change concerns restarts, and nothing while the system is broken', async () => {
  const copy = await mkdtemp(join(FIXTURES, 'changing-'));
  after(() => rm(copy, { recursive: true }));
  await cp(join(FIXTURES, 'tiny'), copy, { recursive: true });
  await using running = dev(join(copy, 'system.ts'), 'changing');
  await eventUntil(running, isReady);
  const restarted = async (last: string): Promise<string[]> => {
    const events = await eventsUntil(running, ({ event, part }) => event === 'up' && part === last);
    return events.filter(({ event }) => event === 'changed').map(({ part, why }) => `${part}: ${why.join()}`);
  };

  await appendFile(join(copy, 'notes.ts'), '\n// changed\n');
  assert.deepEqual(await restarted('notes'), ['notes: notes.ts']);

  const sound = await readFile(join(copy, 'stamps.ts'), 'utf8');
  await writeFile(join(copy, 'stamps.ts'), 'import nothing from nowhere;\n');
  const [broken] = await eventsUntil(running, () => true);
  assert.equal(broken!.event, 'broken');
  assert.match(broken!.message, /nowhere/);
  await writeFile(join(copy, 'stamps.ts'), `${sound}\n// mended\n`);
  assert.deepEqual(await restarted('stamps'), ['stamps: stamps.ts']);

  await writeFile(
    join(copy, 'config/base.yaml'),
    'policies: { all: { retry: false } }\nservices: { notes: { maxLength: 51 } }\n',
  );
  assert.deepEqual(await restarted('notes'), ['notes: its settings']);
});

test('a part that can never start is said once, and the rest runs; nobody outlives a supervisor that was killed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await using running = dev(TINY, 'orphans', '--port', String(port));
  const ready = await eventUntil(running, isReady);
  server.close();
  assert.deepEqual(ready.failed, ['gateway']);
  assert.deepEqual(ready.instances.map(({ part }) => part).sort(), ['notes', 'stamps']);

  await running.stop('SIGKILL');
  await until(() => ready.instances.every(({ pid }) => !isAlive(pid)));
  const start = ['dev', TINY, '--port', '0', '--data', join(folder, 'orphans'), '--json'];
  await using next = flotillaRunning(start, folder);
  assert.equal((JSON.parse(await next.line()) as Happening).event, 'ready', 'and the data is free for the next');
});

test('when nothing can start, the command fails', async () => {
  await using other = flotillaRunning(['dev', TINY, '--port', '0', '--data', join(folder, 'taken'), '--json'], folder);
  await other.line();
  const { code, stdout } = await flotilla(['dev', TINY, '--processes', '--port', '0', '--data', join(folder, 'taken')]);
  assert.equal(code, 1);
  assert.equal(stdout.match(/can't start and is left alone until its files change: .* is locked/g)?.length, 3);
});

test('a second signal ends even those that do not stop', async () => {
  await using running = dev(TINY, 'stubborn', '--only', 'stamps');
  const ready = await eventUntil(running, isReady);
  for (const { pid } of ready.instances) process.kill(pid, 'SIGSTOP');
  running.child.kill('SIGTERM');
  await eventUntil(running, ({ event }) => event === 'stopping');
  // One wish comes twice through npm; only a later one is a second.
  const interval = setInterval(() => running.child.kill('SIGTERM'), 100);
  await once(running.child, 'exit');
  clearInterval(interval);
  await until(() => ready.instances.every(({ pid }) => !isAlive(pid)));
});

test('a wish for parts that do not exist is refused with those that do', async () => {
  const cases: [string[], RegExp][] = [
    [['--scale', 'notes=2'], /--scale wants --processes/],
    [['--processes', '--scale', 'nobody=2'], /no service 'nobody'; there is: notes, stamps$/m],
    [['--processes', '--scale', 'gateway=2'], /one gateway/],
    [['--processes', '--scale', 'notes=0'], /a number from 1 to 64 for notes, not '0'/],
    [['--processes', '--only', 'nobody'], /no service 'nobody'; there is: notes, stamps/],
  ];
  for (const [args, pattern] of cases) {
    const { code, stderr } = await flotilla(['dev', TINY, ...args], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, pattern);
  }
});
