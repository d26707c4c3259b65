import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { until } from 'flotilla/testing';
import { flotillaRunning } from './run.ts';

const TINY = join(import.meta.dirname, 'fixtures/tiny/system.ts');
const folder = await mkdtemp(join(tmpdir(), 'cli-readiness-'));
after(() => rm(folder, { recursive: true }));

interface Ready {
  internalUrl: string;
  gatewayUrl: string;
}
interface Health {
  status: string;
  reason?: string;
  components?: Record<string, Health>;
}

async function start(part: string, ...args: string[]) {
  const running = flotillaRunning(['start', part, '--system', TINY, '--data', folder, '--json', ...args], folder);
  return { running, ...(JSON.parse(await running.line()) as Ready), [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

async function ask(url: string): Promise<Health & { code: number }> {
  const response = await fetch(url);
  return { code: response.status, ...((await response.json()) as Health) };
}

test('a process is ready when it has seen those it calls and can use its database, and stays so when they go', async () => {
  await using notes = await start('notes');
  await using gateway = await start('gateway', '--port', '0');
  const isReady = async (): Promise<boolean> => (await ask(`${notes.internalUrl}/readyz`)).code === 200;
  const waiting = await ask(`${notes.internalUrl}/readyz`);
  assert.deepEqual([waiting.code, waiting.reason], [503, 'Waits for stamps: no instance is listed yet.']);
  await until(async () => (await ask(`${gateway.gatewayUrl}/readyz`)).code === 200);
  const seen = await ask(`${gateway.gatewayUrl}/health`);
  assert.deepEqual(seen.components!['notes'], { status: 'DEGRADED', reason: 'Waits for stamps.' });

  const stamps = await start('stamps');
  await until(isReady);
  await stamps.running.stop();
  assert.equal(await isReady(), true);

  using database = new DatabaseSync(join(folder, 'notes.db'));
  database.exec('BEGIN IMMEDIATE');
  await until(async () => !(await isReady()));
  assert.match((await ask(`${notes.internalUrl}/readyz`)).reason!, /database/);
  database.exec('ROLLBACK');
  await until(isReady);
});
