import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeRuntime, registrySuite } from '../../testing/index.ts';
import { sqliteRegistry } from '../index.ts';

registrySuite({
  name: 'the registry of one machine',
  async open() {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-registry-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const runtime = createFakeRuntime();
    const registry = stack.use(sqliteRegistry({ folder, runtime }));
    const elsewhere = stack.use(sqliteRegistry({ folder, runtime }));
    const opened = stack.move();
    return {
      registry,
      elsewhere,
      advance: (ms) => runtime.clock.advance(ms),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  },
});
