import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { database, type StoredEvent } from '../index.ts';
import { sqliteDriver } from './index.ts';

interface Writer {
  readonly process: ChildProcess;
  /** Ids that it was told are safe. */
  readonly acknowledged: string[];
  readonly ended: Promise<unknown>;
}

function startWriter(folder: string, name: string, count: number): Writer {
  const script = join(import.meta.dirname, 'processes.child.ts');
  const child = spawn(process.execPath, [script, folder, name, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  const lines = createInterface(child.stdout).on('line', (id) => acknowledged.push(id));
  return { process: child, acknowledged, ended: Promise.all([once(child, 'exit'), once(lines, 'close')]) };
}

async function temporary(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-processes-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function readAll(folder: string): Promise<StoredEvent[]> {
  await using driver = sqliteDriver({ folder, runtime: systemRuntime });
  const store = await driver.open('shared', database({}));
  return await store.events.readStream('shared');
}

test('processes that create and write one database at the same time lose nothing of each other', async () => {
  await using at = await temporary();
  const writers = ['a', 'b', 'c'].map((name) => startWriter(at.folder, name, 60));
  await Promise.all(writers.map(({ ended }) => ended));
  const events = await readAll(at.folder);
  assert.deepEqual(
    events.map(({ version }) => version),
    Array.from({ length: 180 }, (_, index) => index + 1),
  );
  const acknowledged = writers.flatMap((writer) => writer.acknowledged);
  assert.deepEqual(events.map(({ id }) => id).sort(), acknowledged.sort());
});

test('what was acknowledged before a kill is there, and every unit is there whole or not at all', async () => {
  await using at = await temporary();
  const acknowledged: string[] = [];
  for (const round of ['1', '2', '3']) {
    const writer = startWriter(at.folder, round, 1_000_000);
    while (writer.acknowledged.length < 40) await once(writer.process.stdout!, 'data');
    writer.process.kill('SIGKILL');
    await writer.ended;
    acknowledged.push(...writer.acknowledged);
  }
  const events = await readAll(at.folder);
  const ids = new Set(events.map(({ id }) => id));
  assert.deepEqual(
    acknowledged.filter((id) => !ids.has(id)),
    [],
  );
  assert.ok(events.every(({ version }, index) => version === index + 1));
});
