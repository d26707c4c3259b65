import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { systemRuntime } from 'flotilla/kernel';
import { database, type StoreDriver } from 'flotilla/store';
import { freePort } from 'flotilla/testing';
import { postgresDriver, type PostgresDriverOptions } from '../index.ts';
import { usePostgres } from '../testing/index.ts';
import { ENGINE_VERSIONS } from './schema.ts';

const postgres = usePostgres();
const none = database({});

async function place(options: Partial<PostgresDriverOptions> = {}) {
  const fresh = await postgres.freshDatabase();
  const drivers = new AsyncDisposableStack();
  const connect = (more: Partial<PostgresDriverOptions> = {}): StoreDriver =>
    drivers.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, ...options, ...more }));
  return {
    ...fresh,
    connect,
    async [Symbol.asyncDispose]() {
      await drivers.disposeAsync();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

const changed = (url: string, change: (url: URL) => void): string => {
  const parsed = new URL(url);
  change(parsed);
  return parsed.href;
};

describe('the PostgreSQL driver', { skip: postgres.skip }, () => {
  test('describes itself without its password', async () => {
    const driver = postgresDriver({ url: 'postgres://me:secret@db.example:5433/shop', runtime: systemRuntime });
    assert.equal(driver.description, 'PostgreSQL at db.example:5433, databases shop_*');
  });

  test('refuses an address that is none, and names that can not name a database', async () => {
    await using at = await place();
    for (const url of ['mysql://x/y', 'orders.db', '']) {
      assert.throws(() => postgresDriver({ url, runtime: systemRuntime }), { code: 'INVALID_STORE_URL' }, url);
    }
    for (const name of ['Orders', '../orders', '', `a${'b'.repeat(60)}`]) {
      await assert.rejects(at.connect().open(name, none), { code: 'INVALID_SERVICE_NAME' }, name);
    }
  });

  test('runs no more units at once than its address says', async () => {
    await using at = await place();
    for (const units of ['0', 'many', '1.5']) {
      const url = changed(at.url, ({ searchParams }) => searchParams.set('units', units));
      assert.throws(() => postgresDriver({ url, runtime: systemRuntime }), { code: 'INVALID_STORE_URL' }, units);
    }
    const url = changed(at.url, ({ searchParams }) => searchParams.set('units', '2'));
    const store = await at.connect({ url }).open('orders', none);
    let [running, most] = [0, 0];
    const unit = (): Promise<void> =>
      store.transact(async ({ db }) => {
        most = Math.max(most, (running += 1));
        await sql`SELECT pg_sleep(0.05)`.execute(db);
        running -= 1;
      });
    await Promise.all(Array.from({ length: 8 }, unit));
    const open = `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE application_name = 'flotilla orders units'`;
    const [{ count }] = (await at.query('orders', open)) as [{ count: number }];
    assert.deepEqual([most, count], [2, 2]);
  });

  test('a server that is not there, a wrong password and a missing right each say what to do', async () => {
    await using at = await place();
    const port = await freePort();
    const away = at.connect({ url: `postgres://me:secret@127.0.0.1:${port}/shop` });
    await assert.rejects(away.open('orders', none), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'DATA_UNAVAILABLE');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}/shop_orders.*no server answers.*Start PostgreSQL`));
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    const wrong = at.connect({ url: changed(at.url, (url) => (url.password = 'wrong')) });
    await assert.rejects(wrong.open('orders', none), { code: 'DATA_UNAVAILABLE', message: /Correct user and password/ });
    await at.connect().open('orders', none);
    await at.query('orders', `CREATE ROLE ${roleOf(at.url)} LOGIN PASSWORD 'x'`);
    try {
      const asUser = changed(at.url, (url) => {
        url.username = roleOf(at.url);
        url.password = 'x';
      });
      const opening = at.connect({ url: asUser }).open('catalog', none);
      await assert.rejects(opening, {
        code: 'DATA_UNAVAILABLE',
        message: /may not create it.*CREATE DATABASE "test_\w+_catalog"/,
      });
    } finally {
      await at.query('orders', `DROP ROLE ${roleOf(at.url)}`);
    }
  });

  test('two services, or two systems, never share a database', async () => {
    await using at = await place();
    const longer = changed(at.url, (url) => (url.pathname += '_a'));
    await at.connect({ url: longer }).open('b', none);
    await assert.rejects(at.connect().open('a-b', none), { code: 'DATA_TAKEN', message: /belongs to service 'b'/ });
    await at.connect({ system: 'shop' }).open('orders', none);
    await at.connect().open('orders', none);
    const other = at.connect({ system: 'office' }).open('orders', none);
    await assert.rejects(other, { code: 'DATA_TAKEN', message: /of the system 'shop'/ });
  });

  test('an engine of a newer version is refused and nothing is changed', async () => {
    await using at = await place();
    await at.connect().open('orders', none);
    await at.query('orders', `UPDATE flotilla_meta SET engine_version = ${ENGINE_VERSIONS.length + 1}`);
    const opening = at.connect().open('orders', database({ '001': async () => assert.fail('it ran') }));
    await assert.rejects(opening, { code: 'DATA_NEWER', message: /newer Flotilla/ });
  });

  test('many processes may open a new database at the same moment', async () => {
    await using at = await place();
    let ran = 0;
    const counted = database({ '001': async () => void (ran += 1) });
    await Promise.all(Array.from({ length: 5 }, () => at.connect().open('orders', counted)));
    assert.equal(ran, 1);
  });

  test('a migration keeps its hands off the names of the engine', async () => {
    await using at = await place();
    for (const statement of [
      'CREATE TABLE flotilla_mine (id int)',
      'DROP TABLE flotilla_inbox',
      'ALTER TABLE flotilla_inbox ADD x int',
    ]) {
      const migration = database({ '001': async (db) => void (await sql.raw(statement).execute(db)) });
      const opening = at.connect().open('orders', migration);
      await assert.rejects(opening, { code: 'MIGRATION_FAILED', message: /belong to the engine/ }, statement);
    }
    const store = await at.connect().open('orders', none);
    await store.transact((tx) => tx.inbox.insert('c', 'm', 1));
  });

  test('whoever waits with a transaction open is cut off by the server in the end, and so is a statement that never ends', async () => {
    await using at = await place();
    const store = await at.connect().open('orders', none);
    const settings = await store.transact((tx) =>
      sql<{ setting: string }>`SELECT setting FROM pg_settings
        WHERE name IN ('idle_in_transaction_session_timeout', 'statement_timeout') ORDER BY name`.execute(tx.db),
    );
    assert.deepEqual(settings.rows.map(({ setting }) => setting), ['15000', '30000']); // prettier-ignore
  });
});

const roleOf = (url: string): string => `${new URL(url).pathname.slice(1)}_user`;
