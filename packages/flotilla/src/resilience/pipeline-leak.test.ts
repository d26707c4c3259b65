import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock, systemRuntime as runtime } from '../kernel/index.ts';
import { until } from '../testing/index.ts';
import { type Attempt, createPipeline, standardPolicy } from './index.ts';

const CALLS = 100_000;
const AT_ONCE = 100;

test('a hundred thousand calls under one long-lived signal keep one listener, and none when they are over', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  let most = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    most = Math.max(most, (listeners += 1));
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(signal, given);
  };
  const pipeline = createPipeline({ name: 'stock', runtime, policy: { ...standardPolicy, fallback: () => 'instead' } });
  // Every other call asks for its own signal.
  const work = async (attempt: Attempt): Promise<boolean> => attempt.attempt % 2 === 0 || attempt.signal.aborted;
  for (let done = 0; done < CALLS; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => pipeline.execute(work, { signal, idempotent: true })));
    if (done % 10_000 === 0) await nextTurn();
  }
  assert.ok(most <= 1, `${most} listeners`);
  await until(() => listeners === 0);
  assert.deepEqual(pipeline.state().limit, { limit: 100, running: 0, queued: 0 });
});

test('a process that made its calls ends by itself, long before their times would have run out', async () => {
  const program = `
    import { createPipeline, standardPolicy } from '${import.meta.resolve('./index.ts')}';
    import { systemRuntime as runtime } from '${import.meta.resolve('../kernel/index.ts')}';
    const { signal } = new AbortController();
    const policy = { ...standardPolicy, timeout: { attempt: '10m', total: '10m' } };
    const { execute } = createPipeline({ name: 'stock', runtime, policy });
    for (let call = 0; call < 100; call += 1) await execute(async () => call, { signal });
  `;
  const start = systemClock.monotonic();
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  assert.ok(systemClock.monotonic() - start < 120_000);
});
