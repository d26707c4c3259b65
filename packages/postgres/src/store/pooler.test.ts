import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import { silentLogger } from 'flotilla/telemetry';
import { storeSuite, until } from 'flotilla/testing';
import { openPostgresPlace } from '../../test/store-place.ts';
import { postgresDriver } from '../index.ts';
import { type FreshDatabase, noPooler, type Pooler, startPooler, type TestPostgres, usePostgres } from '../testing/index.ts';

const direct = usePostgres();
const skip = direct.skip || noPooler;
const pooled = behindPooler(direct);

/** The same databases, by way of one pooler that starts with the first of them. */
function behindPooler(postgres: TestPostgres): TestPostgres {
  let started: Promise<Pooler> | undefined;
  after(async () => await (await started)?.[Symbol.asyncDispose]());
  return {
    skip,
    async freshDatabase(): Promise<FreshDatabase> {
      const fresh = await postgres.freshDatabase();
      const pooler = await (started ??= startPooler(new URL('/postgres', fresh.url).href));
      return { ...fresh, url: pooler.through(fresh.url) };
    },
  };
}

describe('the store on PostgreSQL behind a pooler in transaction mode', { skip }, () => {
  storeSuite({
    name: 'PostgreSQL behind a pooler',
    open: () => openPostgresPlace(pooled),
    features: { durable: true, shared: true, ordered: false },
  });

  test('polls for what other processes commit, and says so once', async () => {
    await using fresh = await pooled.freshDatabase();
    const warned: string[] = [];
    const log = { ...silentLogger, warn: (_: object, message: string) => void warned.push(message) };
    await using driver = postgresDriver({ url: fresh.url, runtime: systemRuntime, log });
    await driver.open('orders', database({}));
    await until(() => warned.length > 0);
    assert.match(warned.join(), /^notifications do not arrive \(a pooler\?\)/);
    const listening = `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`;
    assert.deepEqual(await fresh.query('orders', listening), [{ count: 0 }]);
  });

  test('refuses to start where the pooler refuses its settings, and says what to write there', async () => {
    await using fresh = await direct.freshDatabase();
    const server = new URL('/postgres', fresh.url).href;
    await using strict = await startPooler(server, { settings: { ignore_startup_parameters: 'extra_float_digits' } });
    await using driver = postgresDriver({ url: strict.through(fresh.url), runtime: systemRuntime });
    await assert.rejects(driver.open('orders', database({})), {
      code: 'DATA_UNAVAILABLE',
      message: /Let its ignore_startup_parameters list options, statement_timeout and idle_in_transaction_session_timeout/,
    });
  });
});
