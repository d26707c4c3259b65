import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemRuntime } from 'flotilla/kernel';
import { type Append, database, type NewEvent, type NewSaga } from 'flotilla/store';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });
const append = (stream: string, expectedVersion: number, id = `${stream} ${expectedVersion}`): Append => ({
  stream,
  expectedVersion,
  events: [event(id)],
});
const saga = (id: string, key = id): NewSaga => ({
  id,
  kind: 'order',
  key,
  definitionVersion: '1',
  input: {},
  meta: {},
  correlationId: 'c',
  claim: { owner: 'me', leaseMs: 60_000 },
  at: 1,
});

async function world() {
  const stack = new AsyncDisposableStack();
  const fresh = stack.use(await postgres.freshDatabase());
  const driver = stack.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false }));
  const store = await driver.open('orders', database({}));
  return { store, query: fresh.query, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const outcomes = async (writes: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(writes)).map((outcome) => (outcome.status === 'fulfilled' ? 'ok' : outcome.reason.code));

describe('small writes that share a transaction', { skip: postgres.skip }, () => {
  test('succeed and fail each by itself, whatever becomes of their neighbours', async () => {
    await using at = await world();
    await at.store.events.append(append('taken', 0));
    const writes = [
      at.store.events.append(append('a', 0)),
      at.store.events.append(append('taken', 0, 'other')),
      at.store.events.append(append('b', 3)),
      at.store.events.append({ stream: 'c', events: [event('c')] }),
      at.store.events.append({ events: [event('streamless')] }),
      at.store.sagas.insert(saga('s')),
    ];
    assert.deepEqual(await outcomes(writes), ['ok', 'VERSION_CONFLICT', 'VERSION_CONFLICT', 'ok', 'ok', 'ok']);
    const ids = (await at.store.events.read({ after: 0, limit: 9 })).map(({ id }) => id);
    assert.deepEqual(ids.sort(), ['a 0', 'c', 'streamless', 'taken 0']);
  });

  test('are tried one by one when the database refuses all of them because of one', async () => {
    await using at = await world();
    await at.store.events.append({ events: [event('twice')] });
    const writes = [
      at.store.events.append(append('a', 0)),
      at.store.events.append(append('b', 0, 'twice')),
      at.store.events.append(append('c', 0)),
      at.store.sagas.insert(saga('s')),
    ];
    assert.deepEqual(await outcomes(writes), ['ok', 'DUPLICATE_EVENT', 'ok', 'ok']);
    assert.deepEqual(await at.store.events.readStream('b'), []);
    await at.store.events.append(append('b', 0));
  });

  test('about one thing happen in their order', async () => {
    await using at = await world();
    const versions = Array.from({ length: 20 }, (_, version) => version);
    assert.deepEqual(
      new Set(await outcomes(versions.map((version) => at.store.events.append(append('s', version))))),
      new Set(['ok']),
    );
    assert.equal((await at.store.events.readStream('s')).length, 20);
  });

  test('come in few transactions when there are many', async () => {
    await using at = await world();
    await at.store.events.append(append('first', 0));
    const transactions = `SELECT count(DISTINCT xmin::text)::integer AS count FROM flotilla_events`;
    await Promise.all(Array.from({ length: 200 }, (_, index) => at.store.events.append(append(`s${index}`, 0))));
    const [{ count }] = (await at.query('orders', transactions)) as [{ count: number }];
    assert.ok(count <= 20, `${count} transactions for 200 appends`);
  });

  test('of a saga are refused when its journal does not go on there, and then nothing of them is kept', async () => {
    await using at = await world();
    await at.store.sagas.insert(saga('s'));
    await at.store.sagas.insert(saga('t'));
    const line = { step: 'a', direction: 'run', attempt: 1, status: 'ok', at: 1 } as const;
    const advance = (id: string, after: number, fence = 1): Promise<boolean> =>
      at.store.sagas.advance({ id, fence, journal: { after, entries: [line] }, at: 2 });
    const end = (id: string, after: number): Promise<boolean> =>
      at.store.sagas.advance({ id, fence: 1, journal: { after, entries: [line] }, set: { status: 'done' }, at: 2 });
    assert.deepEqual(await outcomes([advance('s', 1), advance('t', 0)]), ['JOURNAL_CONFLICT', 'ok']);
    assert.deepEqual(await Promise.all([advance('s', 0, 7), advance('s', 0), advance('t', 1)]), [false, true, true]);
    assert.deepEqual(await outcomes([end('s', 0), end('t', 2)]), ['JOURNAL_CONFLICT', 'ok']);
    assert.equal((await at.store.sagas.find('s'))?.saga.status, 'running');
    assert.equal((await at.store.sagas.find('t'))?.saga.status, 'done');
  });
});
