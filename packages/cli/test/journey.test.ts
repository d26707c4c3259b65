import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { flotilla, flotillaRunning, type Run, type Running } from './run.ts';

const PATIENCE_MS = 60_000;
const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');

let folder: string;
let dev: Running;
let gatewayUrl: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-journey-'));
  dev = flotillaRunning(['dev', TINY, '--port', '0', '--json'], folder);
  const ready = JSON.parse(await dev.line()) as { event: string; gatewayUrl: string; services: { name: string }[] };
  assert.equal(ready.event, 'ready');
  assert.deepEqual(
    ready.services.map(({ name }) => name),
    ['notes', 'stamps'],
  );
  gatewayUrl = ready.gatewayUrl;
});
after(async () => {
  await dev[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs a command that must succeed, and reads its lines of JSON. */
async function json<TLine>(...args: string[]): Promise<TLine[]> {
  const { code, stdout, stderr } = await flotilla([...args, '--json'], { cwd: folder });
  assert.equal(code, 0, stderr);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as TLine)));
}
const plain = (...args: string[]): Promise<Run> => flotilla(args, { cwd: folder });

/** Asks again until the answer is as it should be: what services do after a reply takes a moment. */
async function eventually<TValue>(ask: () => Promise<TValue>, isRight: (value: TValue) => boolean): Promise<TValue> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    const value = await ask();
    if (isRight(value)) return value;
  }
  return assert.fail('it never came to be');
}

type Saga = { id: string; service: string; status: string };

test('an operation is called with input from the command line, a file or standard input', async () => {
  const [added] = await json<{ sagaId: string }>('call', 'notes.add', '{"id":"n1","text":"hello"}');
  assert.match(added!.sagaId, /^[0-9a-f-]{36}$/);
  await writeFile(join(folder, 'input.json'), '{"id":"n1"}');
  assert.deepEqual(await json('call', 'notes.get', '@input.json'), [{ id: 'n1', text: 'hello' }]);
  const piped = await flotilla(['call', 'notes.get', '-'], { cwd: folder, input: '{"id":"n1"}' });
  assert.deepEqual(JSON.parse(piped.stdout), { id: 'n1', text: 'hello' });
});

test('a stream is read item by item, to its end or until somebody has seen enough', async () => {
  await json('call', 'notes.add', '{"id":"n9","text":"so long"}');
  assert.equal((await plain('call', 'notes.words', '{"id":"n9"}')).stdout, '"so"\n"long"\n');

  await using endless = flotillaRunning(['call', 'notes.words', '{"id":"n9","forever":true}'], folder);
  for (const word of ['so', 'long', 'so', 'long']) assert.equal(await endless.line(), JSON.stringify(word));
  assert.equal(await endless.stop('SIGINT'), 0, endless.stderr());

  const unknown = await plain('call', 'notes.wrods', '{"id":"n9"}');
  assert.match(unknown.stderr, /has no operation 'wrods'/);
  assert.equal(unknown.code, 1);
});

test('an operator acts for a user, and a command repeated with its key happens once', async () => {
  assert.deepEqual(await json('call', 'notes.whoami', '{}', '--as', 'ada'), [{ user: 'ada' }]);
  const add = ['call', 'notes.add', '{"id":"once","text":"hello"}', '--idempotency-key', 'k1'];
  assert.deepEqual(await json(...add), await json(...add));
});

test('a call that fails exits with 1 and its error', async () => {
  const people = await plain('call', 'notes.get', '{"id":"nothing"}');
  assert.equal(people.code, 1);
  const scripts = await plain('call', 'notes.get', '{"id":"nothing"}', '--json');
  const { error } = JSON.parse(scripts.stderr) as { error: { code: string; kind: string } };
  assert.equal(error.code, 'NOTE_NOT_FOUND');
  assert.equal((await plain('call', 'nobody.get', '{}')).code, 1);
  assert.equal((await plain('call', 'notes.get', '{"id":5}')).code, 1);
});

test('the gateway answers where the start said', async () => {
  assert.equal((await fetch(`${gatewayUrl}/health`)).status, 200);
  const response = await fetch(`${gatewayUrl}/api/notes/n1`);
  assert.deepEqual(await response.json(), { id: 'n1', text: 'hello' });
});

test('sagas are listed and shown; a stuck one is retried, skipped and resolved', async () => {
  const [{ sagaId }] = (await json<{ sagaId: string }>('call', 'notes.add', '{"id":"n2","text":"stuck"}')) as [
    { sagaId: string },
  ];
  const stuck = (): Promise<Saga[]> => json<Saga>('sagas', 'list', '--status', 'stuck');
  await eventually(stuck, (sagas) => sagas.some(({ id }) => id === sagaId));
  const shown = await plain('sagas', 'show', sagaId);
  assert.match(shown.stdout, /stamp-note of notes: stuck/);
  assert.match(shown.stdout, /├─ undo look-at\n.*✖.*NO_INK/);

  assert.equal((await plain('sagas', 'retry', sagaId)).code, 0);
  await eventually(stuck, (sagas) => sagas.some(({ id }) => id === sagaId));
  const [skipped] = await json<{ saga: Saga }>('sagas', 'skip', sagaId, '--reason', 'stamped by hand');
  assert.equal(skipped!.saga.id, sagaId);
  const ended = (): Promise<{ saga: Saga }[]> => json('sagas', 'show', sagaId);
  await eventually(ended, ([found]) => found!.saga.status === 'compensated');
  const again = await plain('sagas', 'resolve', sagaId, '--reason', 'twice');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /not stuck but compensated/);
  assert.equal((await plain('sagas', 'show', 'nothing')).code, 1);
});

test('events are shown once they are committed, filtered by service and type', async () => {
  const events = await json<{ service: string; type: string; data: { id: string } }>(
    'events',
    'tail',
    'notes',
    '--type',
    'NoteAdded',
    '--from',
    '0',
    '--follow',
    'false',
  );
  assert.deepEqual([...new Set(events.map(({ service, type }) => `${service}.${type}`))], ['notes.NoteAdded']);
  assert.ok(events.some(({ data }) => data.id === 'n1'));
  assert.equal((await plain('events', 'tail', 'nobody')).code, 2);
});

test('a tail that follows sees what comes, and ends well when it is told to', async () => {
  await using tail = flotillaRunning(['events', 'tail', 'notes', '--from', '0', '--type', 'NoteAdded'], folder);
  await json('call', 'notes.add', '{"id":"n3","text":"seen"}');
  for (;;) if ((await tail.line()).includes('"n3"')) break;
  assert.equal(await tail.stop('SIGINT'), 0);
});

test('a message that keeps failing is parked and can be handed in again', async () => {
  await json('call', 'notes.add', '{"id":"n4","text":"poison"}');
  const parked = (): Promise<{ messageId: string; consumer: string; error: string }[]> => json('events', 'parked');
  const [message] = await eventually(parked, (messages) => messages.length > 0);
  assert.match((await plain('events', 'parked')).stdout, /The paper eats the ink/);
  const unparked = await plain('events', 'unpark', message!.messageId);
  // Still poison: the second try fails like the first, and says so.
  assert.ok([0, 1].includes(unparked.code!), unparked.stderr);
  assert.equal((await plain('events', 'unpark', 'nothing')).code, 1);
});

test('a second system on the same data folder, and on the same port, is refused with a clear message', async () => {
  const second = await plain('dev', TINY, '--port', '0');
  assert.equal(second.code, 1);
  assert.match(second.stderr, /is locked: it is in use, by process \d+/);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const taken = await plain('dev', TINY, '--port', String(port), '--data', 'other');
  server.close();
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`));
  assert.equal(taken.stdout, '');
});

test('calls are counted, and an operator sees them', async () => {
  interface Top {
    operations: { service: string; operation: string; calls: number; p99Ms: number }[];
    instances: { service: string; version: string }[];
    upstreams: { caller: string; name: string; breaker: { kind: string } }[];
  }
  const [page] = await json<Top>('top', '--once');
  const add = page!.operations.find(({ service, operation }) => service === 'notes' && operation === 'add');
  assert.ok(add!.calls > 0 && add!.p99Ms > 0, JSON.stringify(add));
  assert.deepEqual(
    page!.instances.map(({ service, version }) => `${service} ${version}`),
    ['notes 1.2.3', 'stamps 1.0.0', 'gateway '],
  );
  const upstream = page!.upstreams.find(({ caller, name }) => caller === 'notes' && name === 'stamps');
  assert.equal(upstream?.breaker.kind, 'closed');
});

test('SIGTERM drains and exits with 0; the next start goes on from the same data', async () => {
  assert.equal(await dev.stop('SIGTERM'), 0);
  assert.equal((await plain('sagas', 'list')).code, 3);
  dev = flotillaRunning(['dev', TINY, '--port', '0'], folder);
  assert.match(await dev.line(), /^tiny is up: 2 services in \d/);
  assert.deepEqual(await json('call', 'notes.get', '{"id":"n1"}'), [{ id: 'n1', text: 'hello' }]);
});

test('people see what runs where, and the first thing to try', async () => {
  await dev.stop();
  dev = flotillaRunning(['dev', TINY, '--port', '0'], folder);
  const lines: string[] = [];
  while (!lines.at(-1)?.startsWith('curl ')) lines.push(await dev.line());
  const text = lines.join('\n');
  assert.match(text, / {2}Gateway +http:\/\/127\.0\.0\.1:\d+\n/);
  assert.match(text, / {2}Data +\.flotilla\/tiny\n/);
  assert.match(text, / {2}notes +1\.2\.3 +paper +http:\/\/127\.0\.0\.1:\d+\/notes\n/);
  assert.match(text, /curl http:\/\/127\.0\.0\.1:\d+\/api\/notes\/1$/);
});
