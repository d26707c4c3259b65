import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { flotilla, flotillaRunning, type Running } from './run.ts';

const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');
const folder = await mkdtemp(join(tmpdir(), 'cli-start-'));
const started: Running[] = [];
after(async () => {
  await Promise.all(started.map((running) => running[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true });
});

interface Ready {
  internalUrl: string;
  gatewayUrl?: string;
  services: { name: string }[];
}

async function start(part: string, ...args: string[]): Promise<Ready> {
  const running = flotillaRunning(['start', part, '--system', TINY, '--json', ...args], folder);
  started.push(running);
  return JSON.parse(await running.line()) as Ready;
}

test('services and gateway run in a process each, find each other as peers, and are one system to an operator', async () => {
  const stamps = await start('stamps');
  assert.deepEqual(
    stamps.services.map(({ name }) => name),
    ['stamps'],
  );
  const notes = await start('notes', '--peers', `stamps=${stamps.internalUrl}`);
  const gateway = await start('gateway', '--port', '0', '--peers', `notes=${notes.internalUrl},stamps=${stamps.internalUrl}`);

  const added = await flotilla(['call', 'notes.add', '{"id":"n1","text":"hello"}', '--json'], { cwd: folder });
  assert.equal(added.code, 0, added.stderr);
  const { sagaId } = JSON.parse(added.stdout) as { sagaId: string };
  for (;;) {
    const { stdout } = await flotilla(['sagas', 'show', sagaId, '--json'], { cwd: folder });
    if ((JSON.parse(stdout) as { saga: { status: string } }).saga.status === 'done') break;
  }
  const response = await fetch(`${gateway.gatewayUrl}/api/notes/n1`);
  assert.deepEqual(await response.json(), { id: 'n1', text: 'hello' });

  const direct = ['call', 'notes.get', '{"id":"n1"}', '--json', '--url', notes.internalUrl];
  assert.equal((await flotilla(direct)).code, 0);
  const outsider = await flotilla(['call', 'notes.whoami', '{}', '--json', '--url', notes.internalUrl]);
  assert.equal(outsider.code, 1);
  assert.equal((JSON.parse(outsider.stderr) as { error: { code: string } }).error.code, 'FORBIDDEN');

  assert.deepEqual(await Promise.all(started.map((running) => running.stop())), [0, 0, 0]);
});

test('a part that the system does not have is refused with those it has', async () => {
  const { code, stderr } = await flotilla(['start', 'nobody', '--system', TINY], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /has no 'nobody'\. It has notes, stamps, gateway/);
});
