import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sleep, systemRuntime as runtime } from 'flotilla/kernel';
import type { StoreDriver } from 'flotilla/store';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';
import { foldOfLog, openBranch, sumsOf } from './open-bank.ts';

const KILLS = 3;
const CHILD = join(import.meta.dirname, 'branch.child.ts');
const LOOK_MS = 50;
const PATIENCE_MS = 60_000;
const postgres = usePostgres();

/** Leaves the processors to the processes that are waited for. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = runtime.clock.monotonic() + PATIENCE_MS;
  while (!(await condition())) {
    if (runtime.clock.monotonic() > giveUpAt) throw new Error(`Waited in vain until ${condition.toString()}`);
    await sleep(runtime.clock, LOOK_MS);
  }
}

interface Place extends AsyncDisposable {
  readonly address: string;
  readonly driver: StoreDriver;
}

async function sqlitePlace(): Promise<Place> {
  const address = await mkdtemp(join(tmpdir(), 'flotilla-bank-'));
  const driver = sqliteDriver({ folder: address, runtime });
  return {
    address,
    driver,
    [Symbol.asyncDispose]: async () => {
      await driver[Symbol.asyncDispose]();
      await rm(address, { recursive: true });
    },
  };
}

async function postgresPlace(): Promise<Place> {
  const database = await postgres.freshDatabase();
  const driver = postgresDriver({ url: database.url, runtime });
  return {
    address: database.url,
    driver,
    [Symbol.asyncDispose]: async () => {
      await driver[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Processes of the bank that count what they were told is done. */
class Branches implements AsyncDisposable {
  acknowledged = 0;
  readonly #address: string;
  readonly #children = new Set<ChildProcess>();
  #opened = 0;

  constructor(address: string) {
    this.#address = address;
  }

  async open(): Promise<ChildProcess> {
    const child = fork(CHILD, [this.#address, `branch${(this.#opened += 1)}`], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#children.add(child);
    await once(child, 'message');
    child.on('message', () => (this.acknowledged += 1));
    return child;
  }

  async kill(child: ChildProcess): Promise<void> {
    this.#children.delete(child);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.kill(child)));
  }
}

for (const { name, open, skip } of [
  { name: 'SQLite', open: sqlitePlace, skip: false },
  { name: 'PostgreSQL', open: postgresPlace, skip: postgres.skip },
] as const) {
  describe(`read models on ${name}`, { skip }, () => {
    test('are the fold of the log after processes were killed during deposits, rebuilds and switches', async () => {
      await using place = await open();
      await using branches = new Branches(place.address);
      const running = [await branches.open(), await branches.open()];
      for (let kills = 0; kills < KILLS; kills += 1) {
        const goal = branches.acknowledged + 20;
        await until(() => branches.acknowledged >= goal);
        await branches.kill(running.shift()!);
        running.push(await branches.open());
      }
      await branches[Symbol.asyncDispose]();

      await using last = await openBranch(place.driver);
      await until(async () => {
        const builds = await last.store.projections.builds();
        return !builds.some(({ status }) => status === 'building');
      });
      const position = await last.deposit('last', 1);
      const { signal } = new AbortController();
      for (const projection of ['followed', 'written']) {
        await last.models.waitFor({ name: projection }, { position }, signal);
      }
      const truth = await foldOfLog(last);
      assert.deepEqual(await sumsOf(last, 'followed'), truth);
      assert.deepEqual(await sumsOf(last, 'written'), truth);
      const deposits = Object.values(truth).reduce((sum, amount) => sum + amount, 0);
      assert.ok(deposits > branches.acknowledged, `${deposits} in the log, ${branches.acknowledged} acknowledged`);
      assert.deepEqual(await last.store.projections.parkedStreams({ limit: 9 }), []);
      const switches = (await last.store.projections.builds()).filter(({ status }) => status !== 'active').length;
      assert.ok(switches > 0, 'nothing was rebuilt');
    });
  });
}
