import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../telemetry/index.ts';
import { createFakeRuntime, withMethods } from '../testing/index.ts';
import { type Finding, registerExternal, sqliteRegistry } from './index.ts';

test('a thing that Flotilla did not start is listed as it fares, taken off after ten critical minutes, and put back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-external-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const runtime = createFakeRuntime();
  const real = stack.use(sqliteRegistry({ folder, runtime }));
  const registry = withMethods(real, { keepAlive: () => ({ [Symbol.dispose]: () => undefined }) });
  const status = async (): Promise<string | undefined> => (await real.list('billing')).instances[0]?.status;

  let finding: Finding = 'pass';
  const instance = { id: 'billing-1', service: 'billing', url: 'http://10.0.0.7:8080', version: '7', weight: 1, metadata: {} };
  const check = { kind: 'custom', run: () => Promise.resolve(finding) } as const;
  const external = stack.use(
    registerExternal({ registry, instance: { ...instance, ttlMs: 'none' }, check, runtime, log: silentLogger }),
  );
  await runtime.clock.advance(0);
  assert.equal(await status(), 'starting');
  await runtime.clock.advance(1_500);
  assert.equal(await status(), 'passing');
  finding = 'fail';
  await runtime.clock.advance(20_000);
  assert.equal(await status(), 'passing');
  await runtime.clock.advance(20_000);
  assert.equal(await status(), 'critical');
  await runtime.clock.advance(9 * 60_000);
  assert.equal(await status(), 'critical');
  await runtime.clock.advance(75_000);
  assert.equal(await status(), undefined);
  finding = 'pass';
  await runtime.clock.advance(25_000);
  assert.equal(await status(), 'passing');
  await external[Symbol.asyncDispose]();
  assert.equal(await status(), undefined);
});
