import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { systemRuntime } from 'flotilla/kernel';
import { database, type Store } from 'flotilla/store';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

interface Tables {
  item: { id: number; name: string | null; bytes: Uint8Array | null; whole: number | null; part: number | null };
}

const tables = database<Tables>({
  '001 item': async (db) => {
    const table = db.schema.createTable('item').addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement());
    await table
      .addColumn('name', 'text')
      .addColumn('bytes', 'blob')
      .addColumn('whole', 'integer')
      .addColumn('part', 'real', (column) => column.check(sql`part >= 0`))
      .execute();
  },
});

async function open(): Promise<AsyncDisposable & { readonly store: Store<Tables> }> {
  const fresh = await postgres.freshDatabase();
  const driver = postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false });
  const store = await driver.open('orders', tables);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

const row = { name: null, bytes: null, whole: null, part: null };

describe("a service's queries on PostgreSQL", { skip: postgres.skip }, () => {
  test('come back as they do from SQLite', async () => {
    await using at = await open();
    const item = { id: 7, name: 'ü', bytes: new Uint8Array([1, 0, 3]), whole: 2 ** 53 - 1, part: 0.1 };
    await at.store.transact((tx) => tx.db.insertInto('item').values(item).execute());
    assert.deepEqual(await at.store.reader.selectFrom('item').selectAll().execute(), [item]);
    const { count } = await at.store.reader
      .selectFrom('item')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    assert.equal(count, 1);
  });

  test('tell what they did', async () => {
    await using at = await open();
    await at.store.transact(async ({ db }) => {
      const inserted = await db
        .insertInto('item')
        .values({ name: 'a', bytes: null, whole: 1, part: 1 } as Tables['item'])
        .returning('id')
        .execute();
      assert.deepEqual(inserted, [{ id: 1 }]);
      assert.equal((await db.updateTable('item').set({ whole: 2 }).executeTakeFirst()).numUpdatedRows, 1n);
      assert.equal((await db.deleteFrom('item').where('id', '=', 8).executeTakeFirst()).numDeletedRows, 0n);
    });
  });

  test('take no value that some engine would change', async () => {
    await using at = await open();
    const write = (name: unknown): Promise<unknown> =>
      at.store.transact((tx) =>
        tx.db
          .insertInto('item')
          .values({ ...row, id: 1, name: name as string })
          .execute(),
      );
    for (const value of [true, new Date(0), Number.NaN, { a: 1 }]) {
      await assert.rejects(write(value), { code: 'UNSUPPORTED_PARAMETER' });
    }
  });

  test('say in codes which rule of a table they broke', async () => {
    await using at = await open();
    const insert = at.store.transact((tx) =>
      tx.db
        .insertInto('item')
        .values({ ...row, id: 1, part: -1 })
        .execute(),
    );
    await assert.rejects(insert, { code: 'CONSTRAINT_VIOLATION', kind: 'conflict' });
  });

  test('that fail take back only themselves', async () => {
    await using at = await open();
    await at.store.transact(async ({ db }) => {
      const insert = (): Promise<unknown> =>
        db
          .insertInto('item')
          .values({ ...row, id: 1 })
          .execute();
      await insert();
      await assert.rejects(insert, { code: 'UNIQUE_VIOLATION' });
      await db
        .insertInto('item')
        .values({ ...row, id: 2 })
        .execute();
    });
    assert.equal((await at.store.reader.selectFrom('item').selectAll().execute()).length, 2);
  });

  test('neither begin nor end a transaction, nor hide a second statement', async () => {
    await using at = await open();
    const run = (text: string): Promise<unknown> => at.store.transact((tx) => sql.raw(text).execute(tx.db));
    for (const text of ['COMMIT', ' rollback', '-- note\n/* note */ BEGIN', 'SET search_path = x', 'savepoint s']) {
      await assert.rejects(run(text), { code: 'NESTED_TRANSACTION' }, text);
    }
    await assert.rejects(run('SELECT 1; COMMIT'), /multiple commands/);
  });

  test('see the tables through introspection', async () => {
    await using at = await open();
    const found = (await at.store.reader.introspection.getTables()).find(({ name }) => name === 'item');
    assert.equal(found?.columns.length, 5);
  });
});
