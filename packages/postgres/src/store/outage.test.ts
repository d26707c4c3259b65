import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Client } from 'pg';
import { sleep, systemClock, systemRuntime } from 'flotilla/kernel';
import { database, type NewEvent, type NewSaga, type Store } from 'flotilla/store';
import { until } from 'flotilla/testing';
import { postgresDriver } from '../index.ts';
import {
  findBinaries,
  freshDatabase,
  noPrivatePostgres,
  type PostgresServer,
  runProgram,
  startPostgres,
  startProxy,
} from '../testing/index.ts';

interface Tables {
  effect: { id: string };
}

const effects = database<Tables>({
  '001': (db) => db.schema.createTable('effect').addColumn('id', 'text', (column) => column.primaryKey()).execute(), // prettier-ignore
});

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });
const saga = (id: string): NewSaga => ({
  id,
  kind: 'order',
  key: id,
  definitionVersion: '1',
  input: {},
  meta: {},
  correlationId: 'c',
  at: 1,
});

const FROZEN_MS = 14_000;

let started: Promise<PostgresServer> | undefined;
let worlds = 0;
after(async () => await (await started)?.[Symbol.asyncDispose]());

async function world(through: (url: string) => Promise<string> = async (url) => url) {
  const stack = new AsyncDisposableStack();
  const server = await (started ??= startPostgres());
  const { url, query } = stack.use(freshDatabase(server.url, `shop${(worlds += 1)}`));
  const driver = stack.use(postgresDriver({ url: await through(url), runtime: systemRuntime }));
  const store: Store<Tables> = await driver.open('orders', effects);
  const ids = async (): Promise<string[]> => (await store.reader.selectFrom('effect').select('id').execute()).map(({ id }) => id); // prettier-ignore
  return {
    query: (sql: string) => query('orders', sql),
    server,
    store,
    url,
    ids,
    stack,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const put = (store: Store<Tables>, id: string): Promise<unknown> =>
  store.transact((tx) => tx.db.insertInto('effect').values({ id }).execute());

const answers = async (store: Store<Tables>): Promise<boolean> =>
  await store.check(new AbortController().signal).then(
    () => true,
    () => false,
  );

const without = (some: Iterable<unknown>, others: ReadonlySet<unknown>): unknown[] => [...some].filter((one) => !others.has(one));

/** Longer than anybody waits for an answer: whoever asked has given up by then, and what was asked still happens. */
async function standStill(server: PostgresServer): Promise<void> {
  server.pause();
  await sleep(systemClock, FROZEN_MS);
  server.resume();
}

describe('a server in trouble', { skip: noPrivatePostgres }, () => {
  test('a unit whose connection is cut keeps nothing, says so, and the next one runs', async () => {
    await using at = await world();
    const unit = at.store.transact(async ({ db }) => {
      await db.insertInto('effect').values({ id: 'lost' }).execute();
      const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flotilla orders units'`;
      await using other = postgresDriver({ url: at.url, runtime: systemRuntime, wakeUps: false });
      const beside = await other.open('orders', effects);
      await beside.reader.executeQuery({ sql: cut, parameters: [], query: { kind: 'RawNode' } } as never);
      await db.insertInto('effect').values({ id: 'never' }).execute();
    });
    await assert.rejects(unit, { code: 'STORE_UNAVAILABLE', kind: 'unavailable', retryable: true });
    await put(at.store, 'next');
    assert.deepEqual(await at.ids(), ['next']);
  });

  test('while it is away everything is refused at once, and when it is back everything works again', async () => {
    await using at = await world();
    await put(at.store, 'before');
    await at.store.events.append({ events: [event('before')] });
    await at.server.stop('immediate');
    for (const refused of [
      () => put(at.store, 'away'),
      () => at.store.events.append({ events: [event('away')] }),
      () => at.store.events.head(),
      () => at.store.sagas.claim({ owner: 'me', kinds: ['order'], limit: 1, leaseMs: 1_000 }),
      () => at.ids(),
      () => at.store.check(new AbortController().signal),
    ]) {
      await assert.rejects(refused, { kind: 'unavailable', retryable: true });
    }
    await at.server.restart();
    await put(at.store, 'after');
    await at.store.events.append({ events: [event('after')] });
    assert.deepEqual(await at.ids(), ['before', 'after']);
    assert.deepEqual((await at.store.events.read({ after: 0, limit: 9 })).map(({ id }) => id), ['before', 'after']); // prettier-ignore
  });

  test('killed, stopped and frozen under load, it loses nothing that was acknowledged and repeats nothing', async () => {
    await using at = await world();
    const acknowledged = { effects: new Set<string>(), events: new Set<string>(), sagas: new Set<string>() };
    const codes = new Set<unknown>();
    let isOver = false;
    const load = Array.from({ length: 8 }, async (_, worker) => {
      for (let turn = 0; !isOver; turn += 1) {
        const id = `${worker}:${turn}`;
        const attempts = [
          [acknowledged.effects, () => put(at.store, id)],
          [acknowledged.events, () => at.store.events.append({ stream: id, expectedVersion: 0, events: [event(id)] })],
          [acknowledged.sagas, () => at.store.sagas.insert(saga(id))],
        ] as const;
        for (const [kept, attempt] of attempts) {
          await attempt().then(
            () => kept.add(id),
            (error: { code?: unknown }) => codes.add(error.code),
          );
        }
        if (codes.size > 0) await sleep(systemClock, 5);
      }
    });
    const { server } = at;
    const blows = [
      () => server.kill().then(() => server.restart()),
      () => server.stop('immediate').then(() => server.restart()),
      () => standStill(server),
      () => server.kill().then(() => server.restart()),
    ];
    for (const blow of blows) {
      const enough = acknowledged.effects.size + 50;
      await until(() => acknowledged.effects.size > enough);
      await blow();
    }
    await until(() => answers(at.store));
    isOver = true;
    await Promise.all(load);
    const [kept, events] = [new Set(await at.ids()), await at.store.events.read({ after: 0, limit: 1_000_000 })];
    assert.deepEqual(without(acknowledged.effects, kept), []);
    assert.deepEqual(without(acknowledged.events, new Set(events.map(({ id }) => id))), []);
    const sagas = new Set((await at.store.sagas.list({ limit: 1_000_000 })).map(({ id }) => id));
    assert.deepEqual(without(acknowledged.sagas, sagas), []);
    assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
    // A unit that was under way when all stood still gives up in its own time.
    const honest = new Set(['STORE_UNAVAILABLE', 'COMMIT_UNKNOWN', 'TRANSACTION_TIMEOUT']);
    assert.deepEqual(without(codes, honest), []);
  });

  test('when its disk is full whoever writes is told to try again, and nothing of it is kept', async () => {
    await using at = await world();
    await at.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`);
    await at.query('CREATE TRIGGER full_disk BEFORE INSERT ON flotilla_events EXECUTE FUNCTION full_disk()');
    const unit = at.store.transact(async (tx) => {
      await tx.db.insertInto('effect').values({ id: 'lost' }).execute();
      await tx.events.append({ events: [event('in a unit')] });
    });
    const refused = { code: 'STORE_UNAVAILABLE', retryable: true, message: /No space left/ };
    await assert.rejects(unit, refused);
    await assert.rejects(at.store.events.append({ stream: 's', expectedVersion: 0, events: [event('alone')] }), refused);
    assert.deepEqual(await at.ids(), []);
    await at.query('DROP TRIGGER full_disk ON flotilla_events');
    await at.store.events.append({ stream: 's', expectedVersion: 0, events: [event('alone')] });
  });

  test('with hardly a connection left to give, units make do with those there are', async () => {
    await using server = await startPostgres({ settings: { max_connections: 12, superuser_reserved_connections: 0 } });
    await using driver = postgresDriver({ url: server.url.replace(/postgres$/, 'shop'), runtime: systemRuntime, wakeUps: false });
    const store = await driver.open('orders', effects);
    await put(store, 'first');
    await using others = new AsyncDisposableStack();
    for (let left = true; left;) {
      const client = new Client({ connectionString: server.url });
      left = await client.connect().then(
        () => Boolean(others.adopt(client, (open) => open.end())),
        () => false,
      );
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => put(store, `${index}`)));
  });

  test('a dump that was restored elsewhere goes on where it was', async () => {
    await using at = await world();
    for (const id of ['a', 'b']) await at.store.events.append({ stream: 's', events: [event(id)] });
    await at.store.transact((tx) => tx.cursors.advance({ name: 'cursor', from: 0, to: 2 }));
    const dump = join(await mkdtemp(join(tmpdir(), 'flotilla-dump-')), 'dump');
    at.stack.defer(() => rm(join(dump, '..'), { recursive: true }));
    await chmod(join(dump, '..'), 0o777);
    const bin = (name: string): string => join(findBinaries()!, name);
    await runProgram(bin('pg_dump'), ['-Fc', '-f', dump, `${at.url}_orders`]);
    const elsewhere = at.url.replace(/shop/, 'copy_of_shop');
    await using driver = postgresDriver({ url: elsewhere, runtime: systemRuntime, wakeUps: false });
    await at.query(`CREATE DATABASE "${new URL(elsewhere).pathname.slice(1)}_orders"`);
    await runProgram(bin('pg_restore'), ['-d', `${elsewhere}_orders`, dump]);
    const store = await driver.open('orders', effects);
    await store.events.append({ stream: 's', expectedVersion: 2, events: [event('c')] });
    assert.equal(await store.cursors.position('cursor'), 2);
    assert.deepEqual((await store.events.read({ after: 2, limit: 9 })).map(({ id }) => id), ['c']); // prettier-ignore
  });

  test('behind a network that swallows everything a unit gives up in its time, and what it held is free again', async () => {
    let freeze = (): void => undefined;
    let thaw = (): void => undefined;
    const stack = new AsyncDisposableStack();
    await using at = await world(async (url) => {
      const proxy = stack.use(await startProxy(url));
      ({ freeze, thaw } = proxy);
      return proxy.url;
    });
    at.stack.use(stack);
    await put(at.store, 'row');
    const unit = at.store.transact(
      async ({ db }) => {
        await db.updateTable('effect').set({ id: 'held' }).execute();
        freeze();
        await db.updateTable('effect').set({ id: 'never' }).execute();
      },
      { timeoutMs: 300 },
    );
    await assert.rejects(unit, { code: 'TRANSACTION_TIMEOUT' });
    thaw();
    await at.store.transact((tx) => tx.db.updateTable('effect').set({ id: 'free' }).execute());
    assert.deepEqual(await at.ids(), ['free']);
  });

  test('a commit whose answer never came is told as unknown', async () => {
    const stack = new AsyncDisposableStack();
    let cut = (): void => undefined;
    await using at = await world(async (url) => {
      const proxy = stack.use(await startProxy(url));
      ({ cut } = proxy);
      return proxy.url;
    });
    at.stack.use(stack);
    const unit = at.store.transact(async (tx) => {
      await tx.db.insertInto('effect').values({ id: 'maybe' }).execute();
      // The work is over before the network is: the commit has been sent by then.
      setImmediate(() => setImmediate(cut));
    });
    await assert.rejects(unit, { code: 'COMMIT_UNKNOWN', kind: 'unavailable', retryable: true });
  });
});
