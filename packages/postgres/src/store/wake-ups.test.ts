import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { type Committed, database, type NewEvent, type Store } from 'flotilla/store';
import { createFakeClock, until } from 'flotilla/testing';
import { postgresDriver, type PostgresDriverOptions } from '../index.ts';
import { startProxy, usePostgres } from '../testing/index.ts';
import { debounced } from './debounce.ts';

const postgres = usePostgres();

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });
const append = (store: Store, id: string): Promise<unknown> => store.events.append({ events: [event(id)] });

async function place() {
  const stack = new AsyncDisposableStack();
  const fresh = stack.use(await postgres.freshDatabase());
  return {
    url: fresh.url,
    query: fresh.query,
    open: async (options: Partial<PostgresDriverOptions> = {}) => {
      const driver = stack.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, ...options }));
      return await driver.open('orders', database({}));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const listeners = `SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'flotilla orders wake-ups' AND query LIKE '%SELECT%'`;

describe('wake-ups', { skip: postgres.skip }, () => {
  test('a process hears of the commits of another one', async () => {
    await using at = await place();
    const [one, other] = [await at.open(), await at.open()];
    await until(async () => Number((await at.query('orders', listeners))[0]!.count) === 2);
    const heard: Committed[] = [];
    using _listening = other.onCommit((committed) => heard.push(committed));
    await append(one, 'a');
    await until(() => heard.length > 0);
    assert.deepEqual(heard[0], { events: true, sagas: false });
    await one.sagas.insert({
      id: 's',
      kind: 'order',
      key: 'k',
      definitionVersion: '1',
      input: {},
      meta: {},
      correlationId: 'c',
      at: 1,
    });
    await until(() => heard.some(({ sagas }) => sagas));
  });

  test('a process without them commits and reads all the same', async () => {
    await using at = await place();
    const [one, other] = [await at.open({ wakeUps: false }), await at.open({ wakeUps: false })];
    await append(one, 'a');
    assert.equal((await other.events.read({ after: 0, limit: 9 })).length, 1);
    assert.deepEqual(await at.query('orders', listeners), [{ count: '0' }]);
  });

  test('a connection that was cut is opened again, and whoever waits looks whether it missed something', async () => {
    await using at = await place();
    const store = await at.open();
    await until(async () => Number((await at.query('orders', listeners))[0]!.count) === 1);
    const heard: Committed[] = [];
    using _listening = store.onCommit((committed) => heard.push(committed));
    await at.query('orders', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%wake-ups'`);
    await until(() => heard.length > 0);
    assert.deepEqual(heard, [{ events: true, sagas: true }]);
  });

  test('where notifications get lost on the way, somebody is told once', async () => {
    await using at = await place();
    await using proxy = await startProxy(at.url, { swallow: 'notifications' });
    const warnings: string[] = [];
    const log = {
      debug() {},
      info() {},
      error() {},
      warn: (_: object, text: string) => void warnings.push(text),
      child: () => log,
    };
    await at.open();
    const store = await at.open({ url: proxy.url, log });
    await until(() => warnings.length > 0);
    assert.match(warnings[0]!, /notifications do not arrive.*polling/);
    await append(store, 'a');
  });
});

test('calls that come close together are few, and the last one counts', async () => {
  const clock = createFakeClock(0);
  let calls = 0;
  using notify = debounced(clock, 10, () => (calls += 1));
  notify.call();
  assert.equal(calls, 1);
  for (let index = 0; index < 5; index += 1) notify.call();
  assert.equal(calls, 1);
  await clock.advance(10);
  assert.equal(calls, 2);
  await clock.advance(100);
  assert.equal(calls, 2);
  assert.equal(clock.pending, 0);
});
