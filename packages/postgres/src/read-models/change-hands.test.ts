import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sleep, systemRuntime as runtime } from 'flotilla/kernel';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';
import { summed } from './accounts.ts';
import { type Branch, foldOfLog, openBranch, sumsOf } from './open-bank.ts';

const WRITERS = 8;
const REBUILDS = 6;
const LOOK_MS = 5;
const postgres = usePostgres();

describe('an inline read model on PostgreSQL', { skip: postgres.skip }, () => {
  test('loses nothing and counts nothing twice while it changes hands under load', async () => {
    await using database = await postgres.freshDatabase();
    await using first = postgresDriver({ url: database.url, runtime });
    await using second = postgresDriver({ url: database.url, runtime });
    await using here = await openBranch(first, [summed]);
    await using there = await openBranch(second, [summed]);
    let isDone = false;
    const write = async (branch: Branch, id: string): Promise<void> => {
      while (!isDone) await branch.deposit(id, 1);
    };
    const writers = Array.from({ length: WRITERS }, (_, index) => write(index % 2 === 0 ? here : there, `account-${index}`));
    for (let rebuild = 0; rebuild < REBUILDS; rebuild += 1) {
      const { build } = await here.models.rebuild('summed');
      while (!(await isInUse(here, build))) await sleep(runtime.clock, LOOK_MS);
    }
    isDone = true;
    await Promise.all(writers);
    assert.deepEqual(await sumsOf(here, 'summed'), await foldOfLog(here));
  });
});

async function isInUse({ store }: Branch, build: number): Promise<boolean> {
  const builds = await store.projections.builds('summed');
  return builds.find((one) => one.build === build)?.status === 'active';
}
