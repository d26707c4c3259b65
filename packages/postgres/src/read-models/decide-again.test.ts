import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';
import { account } from './accounts.ts';
import { foldOfLog, openBranch, sumsOf } from './open-bank.ts';

const postgres = usePostgres();

describe('changes of one aggregate on PostgreSQL', { skip: postgres.skip }, () => {
  test('all happen, one after another, whichever process they come from', async () => {
    await using database = await postgres.freshDatabase();
    await using first = postgresDriver({ url: database.url, runtime });
    await using second = postgresDriver({ url: database.url, runtime });
    await using here = await openBranch(first);
    await using there = await openBranch(second);
    const deposits = Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? here : there).deposit('a', 1));
    const positions = await Promise.all(deposits);
    assert.equal(new Set(positions).size, 24);
    const events = await here.store.events.readStream(`${account.name}:a`);
    assert.deepEqual(
      events.map(({ version }) => version),
      Array.from({ length: 24 }, (_, index) => index + 1),
    );
    await there.models.caughtUp({ name: 'followed' }, new AbortController().signal);
    for (const table of ['followed', 'written'] as const) assert.deepEqual(await sumsOf(there, table), await foldOfLog(here));
  });
});
