import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { database } from '../store/index.ts';
import { sqliteDriver } from '../store/sqlite/index.ts';
import { type Exploration, Explorer } from './crash/explore.ts';
import type { Sabotage, Scenario } from './crash/run.ts';
import { scenarios } from './crash/scenarios.ts';
import { forgetsWhatIsUnknown, ignoresTheFence, writesTooLate } from './crash/sabotage.ts';
import { createFakeRuntime } from './fake-runtime.ts';

/** Thousands of commits, and none of these tests is about the power: in memory where the machine offers that. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

async function explore(
  scenario: Scenario,
  walk: (explorer: Explorer) => Promise<Exploration>,
  sabotage?: Sabotage,
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
      context.diagnostic(`${runs} runs of ${calls} calls`);
      assert.deepEqual(broken, []);
    });
  }
});

suite('a second crash at every call of the recovery', () => {
  for (const scenario of [scenarios.happy, scenarios.declined, scenarios.stopped]) {
    test(scenario.name, async (context) => {
      const { runs, broken } = await explore(scenario, (explorer) => explorer.pairs());
      context.diagnostic(`${runs} runs`);
      assert.deepEqual(broken, []);
    });
  }
});

suite('a process that sleeps through its lease and wakes at any moment of its successor', () => {
  for (const scenario of [scenarios.happy, scenarios.declined, scenarios.stopped]) {
    test(scenario.name, async (context) => {
      const { runs, broken } = await explore(scenario, (explorer) => explorer.zombies());
      context.diagnostic(`${runs} runs`);
      assert.deepEqual(broken, []);
    });
  }
});

suite('the invariants notice', () => {
  const noticed = (broken: readonly string[]): string[] => [...new Set(broken.map((promise) => /E\d/.exec(promise)![0]))];

  test('a store that ignores the fence', async () => {
    const { broken } = await explore(scenarios.happy, (explorer) => explorer.zombies(), ignoresTheFence);
    assert.ok(noticed(broken).includes('E4'), broken.join('\n'));
  });

  test('a coordinator that writes down a step only after its effect, without a key', async () => {
    const sabotage = writesTooLate(createFakeRuntime().ids);
    const { broken } = await explore(scenarios.happy, (explorer) => explorer.singles(['crash after']), sabotage);
    assert.ok(noticed(broken).includes('E1'), broken.join('\n'));
  });

  test('a coordinator that takes a timeout for a failure', async () => {
    const { broken } = await explore(scenarios.silent, (explorer) => explorer.singles(['crash after']), forgetsWhatIsUnknown);
    assert.ok(noticed(broken).includes('E3'), broken.join('\n'));
  });
});
