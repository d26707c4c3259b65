import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { inBuild } from './build-names.ts';

interface Tables {
  lists: { id: string; owner: string; size: number };
  people: { id: string; name: string };
}

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (of) => new SqliteIntrospector(of),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
}).withPlugin(inBuild(3, ['lists']));

test('queries mean the tables of the build, wherever they name them, and other tables stay as they are', () => {
  const query = db
    .selectFrom('lists as l')
    .innerJoin('people', 'people.id', 'l.owner')
    .select(['l.id', 'people.name'])
    .where('l.size', '>', (eb) => eb.selectFrom('lists').select((of) => of.fn.avg<number>('lists.size').as('mean')));
  assert.equal(
    query.compile().sql,
    'select "l"."id", "people"."name" from "lists__3" as "l" inner join "people" on "people"."id" = "l"."owner" ' +
      'where "l"."size" > (select avg("lists__3"."size") as "mean" from "lists__3")',
  );
});

test('writes mean the tables of the build', () => {
  const insert = db
    .insertInto('lists')
    .values({ id: 'a', owner: 'b', size: 1 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(({ ref }) => ({ size: ref('excluded.size') })))
    .returning('lists.id');
  assert.equal(
    insert.compile().sql,
    'insert into "lists__3" ("id", "owner", "size") values (?, ?, ?) ' +
      'on conflict ("id") do update set "size" = "excluded"."size" returning "lists__3"."id"',
  );
  const update = db.updateTable('lists').set({ size: 2 }).where('lists.id', '=', 'a');
  assert.equal(update.compile().sql, 'update "lists__3" set "size" = ? where "lists__3"."id" = ?');
  assert.equal(db.deleteFrom('lists').compile().sql, 'delete from "lists__3"');
});

test('indexes and named constraints are the own ones of each build', () => {
  const index = db.schema.createIndex('lists_by_owner').on('lists').column('owner');
  assert.equal(index.compile().sql, 'create index "lists_by_owner__3" on "lists__3" ("owner")');
  const table = db.schema
    .createTable('lists')
    .addColumn('id', 'text')
    .addPrimaryKeyConstraint('lists_id', ['id'])
    .addUniqueConstraint('lists_once', ['id']);
  assert.equal(
    table.compile().sql,
    'create table "lists__3" ("id" text, constraint "lists_id__3" primary key ("id"), constraint "lists_once__3" unique ("id"))',
  );
  assert.equal(db.schema.dropIndex('lists_by_owner').compile().sql, 'drop index "lists_by_owner__3"');
});
