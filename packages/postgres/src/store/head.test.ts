import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from 'pg';
import { sql } from 'kysely';
import { database, type NewEvent } from 'flotilla/store';
import { createFakeRuntime, until } from 'flotilla/testing';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });

async function world() {
  const runtime = createFakeRuntime();
  const warnings: object[] = [];
  const log = { debug() {}, info() {}, error() {}, warn: (what: object) => void warnings.push(what), child: () => log };
  const fresh = await postgres.freshDatabase();
  const driver = postgresDriver({ url: fresh.url, runtime, log, wakeUps: false });
  const store = await driver.open('orders', database({}));
  const append = (id: string): Promise<unknown> => store.transact((tx) => tx.events.append({ events: [event(id)] }));
  return {
    store,
    clock: runtime.clock,
    warnings,
    append,
    ids: async () => (await store.events.read({ after: 0, limit: 100 })).map(({ id }) => id),
    /** A session beside the store's own, with a transaction open. */
    async beside(statement: string) {
      const client = new Client({ connectionString: fresh.url.replace(/$/, '_orders') });
      await client.connect();
      await client.query('BEGIN');
      await client.query(statement);
      return {
        end: (how: 'COMMIT' | 'ROLLBACK') => client.query(how),
        [Symbol.asyncDispose]: () => client.end(),
      };
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

const INSERT = `INSERT INTO flotilla_events (type, schema_version, id, meta, correlation_id, at)
  VALUES ('T', 1, 'open', '{"correlationId":"c"}', 'c', 1)`;

describe('how far the log can be read', { skip: postgres.skip }, () => {
  test('an append that is held open holds the head, and is not passed over when it ends', async () => {
    await using at = await world();
    await at.append('before');
    assert.deepEqual(await at.ids(), ['before']);
    await using open = await at.beside(INSERT);
    await at.append('after');
    assert.deepEqual(await at.ids(), ['before']);
    const head = await at.store.events.head();
    await open.end('COMMIT');
    await until(async () => (await at.store.events.head()) > head);
    assert.deepEqual(await at.ids(), ['before', 'open', 'after']);
  });

  test('an append that was taken back leaves a gap, and the head passes it', async () => {
    await using at = await world();
    await using open = await at.beside(INSERT);
    await at.append('after');
    assert.deepEqual(await at.ids(), []);
    await open.end('ROLLBACK');
    await until(async () => (await at.store.events.head()) > 0);
    assert.deepEqual(await at.ids(), ['after']);
    const [first] = await at.store.events.read({ after: 0, limit: 1 });
    assert.equal(first?.position, 2);
  });

  test('a long transaction that appends nothing holds up nobody', async () => {
    await using at = await world();
    await using _open = await at.beside('CREATE TABLE elsewhere AS SELECT 1 AS written');
    await at.append('a');
    assert.deepEqual(await at.ids(), ['a']);
    assert.ok((await at.store.events.head()) > 0);
  });

  test('whoever waits for events is woken when an append ends that nobody told of', async () => {
    await using at = await world();
    await using open = await at.beside(INSERT);
    await at.append('after');
    let heard = 0;
    using _listening = at.store.onCommit(({ events }) => events && (heard += 1));
    assert.equal(await at.store.events.head(), 0);
    await open.end('ROLLBACK');
    await until(async () => {
      await at.clock.advance(250);
      return heard > 0;
    });
    assert.deepEqual(await at.ids(), ['after']);
  });

  test('an append that stays open for long is told once, with its session', async () => {
    await using at = await world();
    await using _open = await at.beside(INSERT);
    await at.append('after');
    await at.store.events.head();
    await at.clock.advance(6_000);
    await until(async () => {
      await at.store.events.head();
      return at.warnings.length > 0;
    });
    await at.store.events.head();
    assert.equal(at.warnings.length, 1);
    assert.match(JSON.stringify(at.warnings[0]), /"sessions":\["\d+ \(, idle in transaction since/);
  });

  test('while one unit is exclusive nobody appends, and it sees everything', async () => {
    await using at = await world();
    await at.append('a');
    let appended: Promise<unknown> | undefined;
    const seen = await at.store.transact(
      async (tx) => {
        appended = at.append('b').catch((error: unknown) => error);
        await sql`SELECT pg_sleep(0.05)`.execute(tx.db);
        return (await tx.events.read({ after: 0, limit: 9 })).map(({ id }) => id);
      },
      { exclusive: true },
    );
    assert.deepEqual(seen, ['a']);
    await appended;
  });
});
