import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRuntime } from '../../kernel/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { type Database, database } from '../database.ts';
import type { Transaction } from '../store.ts';
import { Committer } from './committer.ts';
import { makeDurable, openWriter } from './connection.ts';
import { migrateEngine, migrateService } from './migrations.ts';
import { createTables } from './tables.ts';
import { createTransactions } from './transaction.ts';

interface Tables {
  crate: { id: number; load: string };
}
const crates = database<Tables>({
  '001 crates': async (db) => {
    await db.schema.createTable('crate').addColumn('id', 'integer').addColumn('load', 'text').execute();
  },
});

/** A committer with real transactions on a disk that has room for little more than the tables. */
async function openSmallDisk() {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-transaction-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const db = stack.adopt(openWriter(join(folder, 'a.db')), (connection) => connection.close());
  makeDurable(db);
  const { clock } = systemRuntime;
  await migrateEngine(db, clock);
  const touched = { events: false, sagas: false };
  const transaction = createTransactions(db, createTables(db, clock, touched));
  const committer = new Committer({
    service: 'hold',
    db,
    clock,
    touched,
    transaction,
    log: silentLogger,
    onCommit: () => undefined,
  });
  stack.defer(() => committer.close());
  await migrateService({ db, service: 'hold', database: crates as Database, committer, clock });
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${pages + 2}`);
  const ids = (): unknown[] =>
    db
      .prepare('SELECT id FROM crate')
      .all()
      .map(({ id }) => id);
  const owned = stack.move();
  return { committer, ids, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const store = (tx: Transaction, id: number, size: number): Promise<unknown> =>
  (tx as Transaction<Tables>).db
    .insertInto('crate')
    .values({ id, load: 'x'.repeat(size) })
    .execute();

test('what a unit writes after the disk filled up is not kept, even when it took no notice of that', async () => {
  await using disk = await openSmallDisk();
  const stubborn = disk.committer.submit(async (tx) => {
    await store(tx, 1, 10);
    await store(tx, 2, 1_000_000).catch(() => undefined);
    await store(tx, 3, 10).catch(() => undefined);
    await tx.inbox.insert('hold', 'm1', 1);
  });
  await assert.rejects(stubborn, { code: 'STORE_UNAVAILABLE', retryable: true });
  assert.deepEqual(disk.ids(), []);
  assert.equal(await disk.committer.submit((tx) => tx.inbox.insert('hold', 'm1', 1)), true);
});

test('a unit for which the disk is too small is told to try again', async () => {
  await using disk = await openSmallDisk();
  await assert.rejects(
    disk.committer.submit((tx) => store(tx, 1, 1_000_000)),
    { code: 'STORE_UNAVAILABLE', message: /disk is full/ },
  );
  await disk.committer.submit((tx) => store(tx, 2, 10));
  assert.deepEqual(disk.ids(), [2]);
});
