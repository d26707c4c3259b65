import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from 'pg';
import { isFlotillaError, systemRuntime } from 'flotilla/kernel';
import { database, type NewEvent, type Store } from 'flotilla/store';
import { until } from 'flotilla/testing';
import { postgresDriver } from '../index.ts';
import { usePostgres } from '../testing/index.ts';

const postgres = usePostgres();

/** The same log as others keep it: the order is a sequence, or a transaction id and a sequence. */
const CONTROL = `CREATE TABLE control (seq bigserial PRIMARY KEY, xid xid8 DEFAULT pg_current_xact_id(), id text NOT NULL)`;

/** How others read on; each returns the next rows after its cursor, and they are right only if nothing is left behind. */
const READERS = {
  'a sequence': 'SELECT seq, xid, id FROM control WHERE seq > $1 AND $2::text IS NOT NULL ORDER BY seq',
  'a sequence below the oldest transaction':
    'SELECT seq, xid, id FROM control WHERE seq > $1 AND $2::text IS NOT NULL AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq',
  'transaction ids, then a sequence':
    'SELECT seq, xid, id FROM control WHERE (xid, seq) > ($2::text::xid8, $1) AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq',
};
type ReaderName = keyof typeof READERS;

interface Session {
  append(id: string): Promise<void>;
  run(sql: string): Promise<void>;
}

interface Place extends AsyncDisposable {
  readonly store: Store;
  session(): Promise<Session>;
  /** Reads on with every reader. */
  readAll(): Promise<void>;
  /** What each reader has come by, in its order. */
  readonly seen: Record<ReaderName | 'Flotilla', string[]>;
}

async function place(): Promise<Place> {
  const stack = new AsyncDisposableStack();
  const fresh = stack.use(await postgres.freshDatabase());
  const driver = stack.use(postgresDriver({ url: fresh.url, runtime: systemRuntime, wakeUps: false }));
  const store = await driver.open('orders', database({}));
  await fresh.query('orders', CONTROL);
  const connect = async (): Promise<Client> => {
    const client = stack.adopt(new Client({ connectionString: `${fresh.url}_orders` }), (open) => open.end());
    await client.connect();
    return client;
  };
  const reader = await connect();
  const cursors = new Map<ReaderName, { seq: string; xid: string }>();
  const seen: Place['seen'] = { 'a sequence': [], 'a sequence below the oldest transaction': [], 'transaction ids, then a sequence': [], Flotilla: [] }; // prettier-ignore
  let position = 0;

  async function readOn(name: ReaderName): Promise<void> {
    const { seq, xid } = cursors.get(name) ?? { seq: '0', xid: '0' };
    const { rows } = await reader.query<{ seq: string; xid: string; id: string }>(READERS[name], [seq, xid]);
    seen[name].push(...rows.map(({ id }) => id));
    if (rows.length > 0) cursors.set(name, rows.at(-1)!);
  }

  return {
    store,
    seen,
    async session() {
      const client = await connect();
      return {
        run: async (sql) => void (await client.query(sql)),
        async append(id) {
          const stored = `INSERT INTO flotilla_events (type, schema_version, id, meta, correlation_id, at)
            VALUES ('T', 1, $1, '{"correlationId":"c"}', 'c', 1)`;
          await client.query(stored, [id]);
          await client.query('INSERT INTO control (id) VALUES ($1)', [id]);
        },
      };
    },
    async readAll() {
      for (const name of Object.keys(READERS) as ReaderName[]) await readOn(name);
      const events = await store.events.read({ after: position, limit: 10_000 });
      seen.Flotilla.push(...events.map(({ id }) => id));
      position = events.at(-1)?.position ?? position;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const event = (id: string): NewEvent => ({ type: 'T', schemaVersion: 1, id, data: {}, meta: { correlationId: 'c' }, at: 1 });

describe('the order of the log', { skip: postgres.skip }, () => {
  test('holds where a sequence alone loses what commits late', async () => {
    await using at = await place();
    const [late, early] = [await at.session(), await at.session()];
    await late.run('BEGIN');
    await late.append('first');
    await early.append('second');
    await at.readAll();
    await late.run('COMMIT');
    await until(async () => {
      await at.readAll();
      return at.seen.Flotilla.length === 2;
    });
    assert.deepEqual(at.seen.Flotilla, ['first', 'second']);
    assert.deepEqual(at.seen['a sequence'], ['second'], 'the control must lose one, or the test proves nothing');
  });

  test('holds where the age of transactions loses what was numbered before by a younger one', async () => {
    await using at = await place();
    const [older, younger] = [await at.session(), await at.session()];
    await older.run('BEGIN; SELECT pg_current_xact_id()');
    await younger.run('BEGIN; SELECT pg_current_xact_id()');
    await younger.append('first');
    await older.append('second');
    await older.run('COMMIT');
    await at.readAll();
    await younger.run('COMMIT');
    await until(async () => {
      await at.readAll();
      return at.seen.Flotilla.length === 2;
    });
    assert.deepEqual(at.seen.Flotilla, ['first', 'second']);
    assert.deepEqual(at.seen['a sequence below the oldest transaction'], ['second']);
  });

  test('holds where the order of transactions turns one stream around', async () => {
    await using at = await place();
    const [older, younger] = [await at.session(), await at.session()];
    await older.run('BEGIN; SELECT pg_current_xact_id()');
    await younger.append('version 1');
    await older.append('version 2');
    await older.run('COMMIT');
    await until(async () => {
      await at.readAll();
      return at.seen.Flotilla.length === 2;
    });
    assert.deepEqual(at.seen.Flotilla, ['version 1', 'version 2']);
    assert.deepEqual(at.seen['transaction ids, then a sequence'], ['version 2', 'version 1']);
  });

  test('holds for many writers in units of several statements: nothing is passed over and no stream turned around', async () => {
    await using at = await place();
    const acknowledged: string[] = [];
    const writing = Array.from({ length: 16 }, async (_, writer) => {
      for (let version = 1; version <= 25; version += 1) {
        const id = `${writer}:${version}`;
        const unit = (): Promise<void> =>
          at.store.transact(async (tx) => {
            await tx.events.append({ stream: `s${writer}`, expectedVersion: version - 1, events: [event(id)] });
            await tx.cursors.position('a statement between');
            await tx.events.append({ stream: `t${writer % 3}`, events: [event(`${id}b`)] });
          });
        await untilItWins(unit);
        acknowledged.push(id, `${id}b`);
      }
    });
    let isWriting = true;
    const done = Promise.all(writing).finally(() => (isWriting = false));
    while (isWriting) await at.readAll();
    await done;
    await at.readAll();
    assert.deepEqual(new Set(at.seen.Flotilla), new Set(acknowledged));
    assert.equal(at.seen.Flotilla.length, acknowledged.length);
    for (let writer = 0; writer < 16; writer += 1) {
      const own = at.seen.Flotilla.filter((id) => id.startsWith(`${writer}:`) && !id.endsWith('b'));
      assert.deepEqual(
        own,
        Array.from({ length: 25 }, (_, index) => `${writer}:${index + 1}`),
      );
    }
  });
});

/** Many writers of one stream may lose so often that the store tells their caller to try again. */
async function untilItWins(unit: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await unit();
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'CONTENDED') throw error;
    }
  }
}
