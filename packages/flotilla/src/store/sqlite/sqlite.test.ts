import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeRuntime, type StorePlace, storeSuite } from '../../testing/index.ts';
import { sqliteDriver } from './index.ts';

async function openPlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-'));
  const runtime = createFakeRuntime();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const owned = stack.move();
  return {
    connect: () => owned.use(sqliteDriver({ folder, runtime })),
    now: () => runtime.clock.now(),
    advance: (ms) => runtime.clock.advance(ms),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

storeSuite({ name: 'SQLite', open: openPlace, features: { durable: true, shared: true, ordered: true } });
