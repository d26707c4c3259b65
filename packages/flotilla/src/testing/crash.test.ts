import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { database } from '../store/index.ts';
import { sqliteDriver } from '../store/sqlite/index.ts';
import { type Exploration, Explorer } from './crash/explore.ts';
import type { Machine, Scenario } from './crash/run.ts';
import { scenarios } from './crash/scenarios.ts';
import { createFakeRuntime } from './fake-runtime.ts';

/** Thousands of commits, and none of these tests is about the power: in memory where the machine offers that. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

async function explore(
  scenario: Scenario,
  walk: (explorer: Explorer) => Promise<Exploration>,
  sabotage?: Machine['sabotage'],
): Promise<Exploration> {
  const runtime = createFakeRuntime();
  const folder = await mkdtemp(join(SCRATCH, 'flotilla-crash-'));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(folder, { recursive: true }));
  const driver = resources.use(sqliteDriver({ folder, runtime }));
  const store = await driver.open('shipping', database({}));
  return await walk(new Explorer(scenario, { store, runtime, ...(sabotage && { sabotage }) }));
}

suite('a crash, an error or a long pause at every awaited port call', () => {
  for (const scenario of Object.values<Scenario>(scenarios)) {
    test(scenario.name, async (context) => {
      const { runs, calls, broken } = await explore(scenario, (explorer) => explorer.singles());
      context.diagnostic(`${runs} runs, ${calls} calls`);
      assert.deepEqual(broken, []);
    });
  }
});
