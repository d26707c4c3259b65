import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sql } from 'kysely';
import { asNobody, createFakeRuntime } from '../../testing/index.ts';
import { type Database, database, type Store, type StoreDriver } from '../index.ts';
import { networkFileSystem } from './file-system.ts';
import { sqliteDriver } from './index.ts';
import { ENGINE_VERSIONS } from './schema.ts';

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  readonly driver: StoreDriver;
  open(declared?: Database): Promise<Store>;
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-driver-'));
  const driver = sqliteDriver({ folder, runtime: createFakeRuntime() });
  return {
    folder,
    path: join(folder, 'orders.db'),
    driver,
    open: (declared = database({})) => driver.open('orders', declared),
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

test('an engine of a newer version is refused and its file is not touched', async () => {
  await using at = await place();
  {
    using db = new DatabaseSync(at.path);
    db.exec(`CREATE TABLE of_the_future (id); PRAGMA user_version = ${ENGINE_VERSIONS.length + 1}`);
  }
  const before = await readFile(at.path);
  await assert.rejects(at.open(), { code: 'DATA_NEWER', message: /newer Flotilla/ });
  assert.deepEqual(await readFile(at.path), before);
});

test('a file that is no database is refused and not touched', async () => {
  await using at = await place();
  const garbage = 'this is not a database, '.repeat(200);
  await writeFile(at.path, garbage);
  await assert.rejects(at.open(), { code: 'DATA_UNAVAILABLE', message: /orders\.db.*no SQLite database.*backup/ });
  assert.equal(await readFile(at.path, 'utf8'), garbage);
});

test('nobody else may read a database or what belongs to it, whatever folder it lies in', async () => {
  await using at = await place();
  await chmod(at.folder, 0o755);
  await at.open();
  const files = (await readdir(at.folder)).filter((name) => name.startsWith('orders.db'));
  assert.deepEqual(files.sort(), ['orders.db', 'orders.db-shm', 'orders.db-wal']);
  for (const name of files) assert.equal((await stat(join(at.folder, name))).mode & 0o777, 0o600, name);
});

test('a damaged database is refused', async () => {
  await using at = await place();
  await (await at.open())[Symbol.asyncDispose]();
  const bytes = await readFile(at.path);
  await writeFile(at.path, bytes.fill(0xff, 100, 4_096));
  await assert.rejects(at.open(), { code: 'DATA_UNAVAILABLE', message: /damaged/ });
});

test('a folder that is read-only says what to do', async () => {
  await using at = await place();
  await chmod(at.folder, 0o555);
  await asNobody(() => assert.rejects(at.open(), { code: 'DATA_UNAVAILABLE', retryable: false, message: /orders\.db/ }));
});

test('a database file that is read-only says what to do', async () => {
  await using at = await place();
  await (await at.open())[Symbol.asyncDispose]();
  await chmod(at.folder, 0o777);
  await chmod(at.path, 0o444);
  await asNobody(() => assert.rejects(at.open(), { code: 'DATA_UNAVAILABLE', message: /orders\.db.*read-only/ }));
});

test('a folder that is a file says what to do', async () => {
  await using at = await place();
  await writeFile(join(at.folder, 'file'), '');
  const driver = sqliteDriver({ folder: join(at.folder, 'file'), runtime: createFakeRuntime() });
  await assert.rejects(driver.open('orders', database({})), { code: 'DATA_UNAVAILABLE', message: /not a folder/ });
});

test('names that would leave the folder or take its lock are refused', async () => {
  await using at = await place();
  for (const name of ['../orders', 'lock', 'Orders', '']) {
    await assert.rejects(at.driver.open(name, database({})), { code: 'INVALID_SERVICE_NAME' }, name);
  }
});

test('a deferred foreign key is refused, because it would fail the units that share its commit', async () => {
  await using at = await place();
  const deferred = database({
    '001': async (db) => {
      const table = db.schema.createTable('child').addColumn('id', 'integer', (column) => column.primaryKey());
      const parent = table.addColumn('parent', 'integer', (column) =>
        column.references('child.id').modifyEnd(sql`DEFERRABLE INITIALLY DEFERRED`),
      );
      await parent.execute();
    },
  });
  await assert.rejects(at.open(deferred), { code: 'MIGRATION_FAILED', message: /'child'.*INITIALLY DEFERRED/ });
});

test('a migration keeps its hands off the names of the engine', async () => {
  await using at = await place();
  for (const statement of ['CREATE TABLE flotilla_mine (id)', 'DROP TABLE flotilla_inbox', 'ALTER TABLE flotilla_inbox ADD x']) {
    const migration = database({ '001': async (db) => void (await sql.raw(statement).execute(db)) });
    await assert.rejects(at.open(migration), { code: 'MIGRATION_FAILED', message: /belong to the engine/ }, statement);
  }
  const store = await at.open(database({}));
  await store.transact((tx) => tx.inbox.insert('c', 'm', 1));
});

test('commits are made to survive a power failure, and the writer says so after it wrote', async () => {
  await using at = await place();
  const store = await at.open();
  const pragma = async (name: string): Promise<unknown> => {
    const settings = await store.transact((tx) =>
      sql<Record<string, unknown>>`SELECT * FROM ${sql.raw(`pragma_${name}`)}`.execute(tx.db),
    );
    return Object.values(settings.rows[0]!)[0];
  };
  await store.transact((tx) => tx.inbox.insert('c', 'm', 1));
  assert.deepEqual([await pragma('synchronous'), await pragma('journal_mode'), await pragma('foreign_keys')], [2, 'wal', 1]);
});

test('network file systems are known by their magic numbers, signed or not', () => {
  assert.equal(networkFileSystem(0x6969), 'NFS');
  assert.equal(networkFileSystem(0xff534d42 | 0), 'CIFS');
  assert.equal(networkFileSystem(0xef53), undefined);
});
