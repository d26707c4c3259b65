import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { createKysely, createQueryRunner } from './dialect.ts';

interface Tables {
  item: { id: number; name: unknown; amount: number | null };
}

function open(): Disposable & { readonly db: Kysely<Tables> } {
  const connection = new DatabaseSync(':memory:');
  connection.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, name, amount INTEGER CHECK (amount >= 0))');
  const db = createKysely<Tables>(createQueryRunner(connection), { assertOpen: () => undefined });
  return { db, [Symbol.dispose]: () => connection.close() };
}

test('rows are plain objects', async () => {
  using at = open();
  await at.db.insertInto('item').values({ id: 1, name: 'a', amount: 2 }).execute();
  assert.deepEqual(await at.db.selectFrom('item').selectAll().execute(), [{ id: 1, name: 'a', amount: 2 }]);
});

test('writes tell what they did', async () => {
  using at = open();
  const inserted = await at.db.insertInto('item').values({ id: 7, name: 'a', amount: 1 }).executeTakeFirst();
  assert.deepEqual([inserted.insertId, inserted.numInsertedOrUpdatedRows], [7n, 1n]);
  const updated = await at.db.updateTable('item').set({ amount: 2 }).executeTakeFirst();
  assert.equal(updated.numUpdatedRows, 1n);
  const returned = await at.db.updateTable('item').set({ amount: 3 }).returning('amount').execute();
  assert.deepEqual(returned, [{ amount: 3 }]);
  const deleted = await at.db.deleteFrom('item').where('id', '=', 8).executeTakeFirst();
  assert.equal(deleted.numDeletedRows, 0n);
});

test('a value that a column can not give back as it was is refused with advice', async () => {
  using at = open();
  for (const [value, advice] of [
    [true, /1 or 0/],
    [new Date(0), /getTime/],
    [Number.NaN, /NaN/],
    [{ a: 1 }, /JSON\.stringify/],
    [[1], /JSON\.stringify/],
    [Symbol('s'), /symbol/],
  ] as const) {
    const insert = at.db.insertInto('item').values({ id: 1, name: value, amount: null }).execute();
    await assert.rejects(insert, { code: 'UNSUPPORTED_PARAMETER', message: advice });
  }
  const undefinedValue = sql`SELECT ${undefined}`.execute(at.db);
  await assert.rejects(undefinedValue, { code: 'UNSUPPORTED_PARAMETER', message: /null/ });
});

test('text, numbers, big integers, bytes and null come back as they were', async () => {
  using at = open();
  const bytes = new Uint8Array([1, 2, 3]);
  const values = ['ü', -1.5, 2 ** 53 - 1, bytes, null];
  for (const [id, name] of [...values, 7n].entries()) await at.db.insertInto('item').values({ id, name, amount: null }).execute();
  const rows = await at.db.selectFrom('item').select('name').orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ name }) => name),
    [...values, 7],
  );
});

test('a broken constraint has a code', async () => {
  using at = open();
  const insert = at.db.insertInto('item').values({ id: 1, name: 'a', amount: -1 }).execute();
  await assert.rejects(insert, { code: 'CONSTRAINT_VIOLATION', kind: 'conflict' });
});

test('statements that would tear the shared commit apart are refused', async () => {
  using at = open();
  for (const statement of ['COMMIT', ' rollback', '-- note\n/* note */ BEGIN', 'PRAGMA synchronous = OFF', "ATTACH 'x' AS x"]) {
    await assert.rejects(sql.raw(statement).execute(at.db), { code: 'NESTED_TRANSACTION' }, statement);
  }
  await assert.rejects(
    at.db.transaction().execute(async () => undefined),
    { code: 'NESTED_TRANSACTION' },
  );
});

test('tables can be looked at through introspection', async () => {
  using at = open();
  const [table] = await at.db.introspection.getTables();
  assert.deepEqual([table?.name, table?.columns.length], ['item', 3]);
});
