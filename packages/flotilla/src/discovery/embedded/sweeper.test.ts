import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeRuntime } from '../../testing/index.ts';
import { type Registration, sqliteRegistry } from '../index.ts';

const facts: Registration = {
  id: 'a',
  service: 'catalog',
  url: 'http://127.0.0.1:7001',
  version: '1.0.0',
  weight: 1,
  metadata: {},
  epoch: 1,
  status: 'passing',
};

async function setting() {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-sweep-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const runtime = createFakeRuntime();
  const registry = stack.use(sqliteRegistry({ folder, runtime }));
  const opened = stack.move();
  const listed = async (): Promise<number> => (await registry.list()).instances.length;
  return { folder, runtime, registry, listed, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test('a clock that jumps ends no lease: everybody gets the time to be heard first', async () => {
  await using at = await setting();
  await at.registry.register(facts);
  at.runtime.clock.step(3_600_000);
  await at.runtime.clock.advance(12_000);
  assert.equal(await at.listed(), 1);
  await at.registry.renew(facts);
  await at.runtime.clock.advance(25_000);
  assert.equal(await at.listed(), 1);
  await at.runtime.clock.advance(30_000);
  assert.equal(await at.listed(), 0);
});

test('a clock that jumps back keeps nobody for ever once it is set right', async () => {
  await using at = await setting();
  await at.registry.register(facts);
  at.runtime.clock.step(-3_600_000);
  await at.runtime.clock.advance(60_000);
  at.runtime.clock.step(3_600_000);
  await at.runtime.clock.advance(60_000);
  assert.equal(await at.listed(), 0);
});

test('whoever opens the registry alone starts with an empty list', async () => {
  await using at = await setting();
  await at.registry.register(facts);
  await at.registry[Symbol.asyncDispose]();
  await using alone = sqliteRegistry({ folder: at.folder, alone: true, runtime: at.runtime });
  assert.deepEqual((await alone.list()).instances, []);
});
