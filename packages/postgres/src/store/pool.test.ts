import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noPrivatePostgres, startPostgres } from '../testing/index.ts';
import { Connection } from './connection.ts';
import { Pool } from './pool.ts';

const CONNECTIONS = 4;

/** A server that has this many connections left to give. */
async function world(left: number) {
  await using scope = new AsyncDisposableStack();
  const settings = { max_connections: CONNECTIONS, superuser_reserved_connections: 0, autovacuum: 'off' };
  const { url } = scope.use(await startPostgres({ settings }));
  const others: Connection[] = [];
  while (others.length < CONNECTIONS - left) others.push(scope.use(await Connection.open({ url, name: 'others' })));
  const pool = scope.use(new Pool({ url, name: 'pool', maxConnections: 10 }));
  const opened = scope.move();
  return { pool, others, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const NONE_LEFT = { code: '53300' };

describe('a pool on a server that has few connections left', { skip: noPrivatePostgres }, () => {
  test('lends those it got to one user after the other, and asks the server no more', async (t) => {
    await using at = await world(1);
    const attempts = t.mock.method(Connection, 'open');
    const only = await at.pool.acquire();
    const served: number[] = [];
    const users = [1, 2, 3, 4, 5].map(async (user) => {
      const connection = await at.pool.acquire();
      served.push(user);
      assert.equal(connection, only);
      assert.equal(await connection.execute('SELECT 1'), 'SELECT');
      at.pool.release(connection, true);
    });
    await Promise.all(attempts.mock.calls.map(({ result }) => result!.catch(() => undefined)));
    at.pool.release(only, true);
    await Promise.all(users);
    assert.deepEqual([new Set(served), attempts.mock.callCount()], [new Set([1, 2, 3, 4, 5]), 6]);
  });

  test('tells everybody when it got none, and gets one as soon as there is one', async () => {
    await using at = await world(0);
    const users = await Promise.allSettled([at.pool.acquire(), at.pool.acquire(), at.pool.acquire()]);
    for (const user of users) assert.equal((user as { reason?: { code: string } }).reason?.code, NONE_LEFT.code);
    await at.others[0]![Symbol.asyncDispose]();
    const connection = await untilThereIsOne(at.pool);
    at.pool.release(connection, true);
  });

  test('forgets who can wait no longer', async () => {
    await using at = await world(1);
    const only = await at.pool.acquire();
    const patience = new AbortController();
    const impatient = at.pool.acquire(patience.signal);
    const patient = at.pool.acquire();
    patience.abort();
    await assert.rejects(impatient, { code: 'CANCELLED' });
    at.pool.release(only, true);
    const connection = await patient;
    assert.equal(connection, only);
    at.pool.release(connection, true);
    assert.equal(await at.pool.acquire(), only);
    at.pool.release(only, true);
  });
});

/** A session that ended is counted by the server a moment longer. */
async function untilThereIsOne(pool: Pool): Promise<Connection> {
  for (;;) {
    const connection = await pool.acquire().catch((error: { code?: string }) => {
      if (error.code !== NONE_LEFT.code) throw error;
      return undefined;
    });
    if (connection) return connection;
  }
}
