import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Database, database, type Migration } from '../store/index.ts';
import { insertItem, itemIds, tables, type Tables } from './store-suite-place.ts';
import type { StoreSuiteOptions } from './store-suite.ts';

/** The suite's tables and one more migration. */
function plus(name: string, migration: Migration): Database<Tables> {
  return { migrations: { ...tables.migrations, [name]: migration } };
}

export function migrationTests({ open, features }: StoreSuiteOptions): void {
  const lasting = { skip: !features.durable };

  test('migrations run by name, each once', lasting, async () => {
    await using place = await open();
    const ran: string[] = [];
    const note = (name: string) => async (): Promise<void> => void ran.push(name);
    const first = database({ '002 b': note('002 b'), '001 a': note('001 a') });
    await (await place.connect().open('suite', first))[Symbol.asyncDispose]();
    const second = database({ '003 c': note('003 c'), '002 b': note('002 b'), '001 a': note('001 a') });
    await place.connect().open('suite', second);
    assert.deepEqual(ran, ['001 a', '002 b', '003 c']);
  });

  test('a migration that fails half way leaves nothing, names itself, and runs again when it is mended', lasting, async () => {
    await using place = await open();
    const broken = plus('002 more', async (db) => {
      await db.schema.createTable('more').addColumn('id', 'text').execute();
      throw new Error('half way');
    });
    const opening = place.connect().open('suite', broken);
    await assert.rejects(opening, { code: 'MIGRATION_FAILED', message: /'002 more' of service 'suite'.*half way/ });
    const mended = plus('002 more', (db) => db.schema.createTable('more').addColumn('id', 'text').execute());
    const store = await place.connect().open('suite', mended);
    await insertItem(store, 'a');
    assert.deepEqual(await itemIds(store), ['a']);
  });

  test('a migration can change data', async () => {
    await using place = await open();
    const filled = plus('002 fill', async (db) => {
      // A migration knows the tables of its own time only.
      const insert = db.insertInto('item' as never).values({ id: 'filled', amount: 1 } as never);
      await insert.execute();
    });
    assert.deepEqual(await itemIds(await place.connect().open('suite', filled)), ['filled']);
  });

  test('data of newer code is refused and not touched', lasting, async () => {
    await using place = await open();
    const newer = await place.connect().open(
      'suite',
      plus('002 newer', async () => undefined),
    );
    await insertItem(newer, 'a');
    await newer[Symbol.asyncDispose]();
    let ran = false;
    const older = database({ ...tables.migrations, '003 other': async () => void (ran = true) });
    await assert.rejects(place.connect().open('suite', older), { code: 'DATA_NEWER', message: /'002 newer'/ });
    assert.equal(ran, false);
    const again = await place.connect().open(
      'suite',
      plus('002 newer', async () => assert.fail('it ran again')),
    );
    assert.deepEqual(await itemIds(again), ['a']);
  });

  test('each service has a database of its own', async () => {
    await using place = await open();
    const driver = place.connect();
    const [one, two] = [await driver.open('one', tables), await driver.open('two', tables)];
    await insertItem(one, 'a');
    assert.deepEqual([await itemIds(one), await itemIds(two)], [['a'], []]);
    assert.deepEqual([one.service, two.service], ['one', 'two']);
  });
}
