import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { silentLogger } from '../../telemetry/index.ts';
import { createFakeRuntime, type FakeRuntime } from '../../testing/index.ts';
import type { Transaction } from '../store.ts';
import { Committer } from './committer.ts';
import { makeDurable, openWriter } from './connection.ts';

interface Bench extends AsyncDisposable {
  readonly committer: Committer;
  /** The connection that units run on. */
  readonly db: DatabaseSync;
  readonly runtime: FakeRuntime;
  commits(): number;
  insert(id: number, parent?: number): Promise<unknown>;
  /** The same as a write of the driver itself. */
  write(id: number): Promise<unknown>;
  ids(): unknown[];
  /** Another connection, as another process would have it. */
  connectAgain(): DatabaseSync;
}

/** A committer alone, over a table whose rows may name a parent that must exist by the time of the COMMIT. */
async function bench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-committer-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.db');
  const db = stack.adopt(openWriter(path), (connection) => connection.close());
  makeDurable(db);
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)');
  const runtime = createFakeRuntime();
  let commits = 0;
  const committer = new Committer({
    service: 'bench',
    db,
    clock: runtime.clock,
    log: silentLogger,
    touched: { events: false, sagas: false },
    // These units use the connection itself.
    transaction: () => ({}) as Transaction,
    onCommit: () => (commits += 1),
  });
  const insert = db.prepare('INSERT INTO t (id, parent) VALUES (?, ?)');
  const owned = stack.move();
  return {
    committer,
    db,
    runtime,
    commits: () => commits,
    insert: (id, parent) => committer.submit(() => insert.run(id, parent ?? null)),
    write: (id) => committer.write(() => insert.run(id, null)),
    ids: () =>
      db
        .prepare('SELECT id FROM t ORDER BY id')
        .all()
        .map(({ id }) => id),
    connectAgain: () => owned.adopt(openWriter(path), (connection) => connection.close()),
    async [Symbol.asyncDispose]() {
      await committer.close();
      await owned.disposeAsync();
    },
  };
}

const UNAVAILABLE = { code: 'STORE_UNAVAILABLE', kind: 'unavailable', retryable: true };

test('units of one turn of the event loop share a commit, up to a bound', async () => {
  await using at = await bench();
  await Promise.all(Array.from({ length: 100 }, (_, id) => at.insert(id)));
  assert.equal(at.commits(), 1);
  await Promise.all(Array.from({ length: 600 }, (_, id) => at.insert(1_000 + id)));
  assert.equal(at.commits(), 1 + 3);
});

test('a unit that came alone does not wait for company', async () => {
  await using at = await bench();
  await at.insert(1);
  await at.insert(2);
  assert.equal(at.commits(), 2);
  assert.equal(at.runtime.clock.pending, 0);
});

test('a commit that fails fails all of its units and none of the next', async () => {
  await using at = await bench();
  const orphan = at.insert(2, 99);
  const results = await Promise.allSettled([at.insert(1), orphan, at.insert(3)]);
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    assert.throws(() => {
      throw result.reason;
    }, UNAVAILABLE);
  }
  assert.equal(at.commits(), 0);
  await at.insert(4);
  assert.deepEqual(at.ids(), [4]);
});

test('of writes that came together one that fails leaves nothing, and its neighbours their own', async () => {
  await using at = await bench();
  const isRefused = (result: PromiseSettledResult<unknown>): boolean => result.status === 'rejected';
  for (const first of [true, false]) {
    const from = first ? 1 : 101;
    const before = first ? [] : [at.insert(100)];
    const failing = at.committer.write(() => {
      at.db.exec(`INSERT INTO t (id) VALUES (${from + 90})`);
      throw new Error('as on a conflict');
    });
    const writes = [at.write(from), failing, at.write(from), at.write(from + 1)];
    const results = await Promise.allSettled([...writes, ...before]);
    assert.deepEqual(results.map(isRefused), [false, true, true, false, ...before.map(() => false)]);
  }
  assert.deepEqual(at.ids(), [1, 2, 100, 101, 102]);
});

test('a write that came after a unit runs after it, and before the next one', async () => {
  await using at = await bench();
  const seen: number[][] = [];
  const look = (): Promise<void> => at.committer.submit(() => void seen.push(at.ids() as number[]));
  await Promise.all([at.write(1), look(), at.write(2), at.write(3), look()]);
  assert.deepEqual(seen, [[1], [1, 2, 3]]);
  assert.equal(at.commits(), 1);
});

test('a unit that loses the whole transaction takes its neighbours along, but not those who come later', async () => {
  await using at = await bench();
  const before = at.insert(1);
  const breaking = at.committer.submit(() => {
    at.db.exec('ROLLBACK');
    throw new Error('as on a failing disk');
  });
  const later = at.insert(2);
  await assert.rejects(before, UNAVAILABLE);
  await assert.rejects(breaking, /failing disk/);
  await later;
  assert.deepEqual(at.ids(), [2]);
});

test('a unit that ends the transaction by hand is found out', async () => {
  await using at = await bench();
  const before = at.insert(1);
  const breaking = at.committer.submit(() => at.db.exec('ROLLBACK'));
  await assert.rejects(before, UNAVAILABLE);
  await assert.rejects(breaking);
  await at.insert(2);
  assert.deepEqual(at.ids(), [2]);
});

test('it waits for another process that writes, without blocking this one', async () => {
  await using at = await bench();
  const other = at.connectAgain();
  other.exec('BEGIN IMMEDIATE; INSERT INTO t (id) VALUES (1)');
  const unit = at.insert(2);
  await at.runtime.clock.advance(1_000);
  other.exec('COMMIT');
  await Promise.all([unit, at.runtime.clock.advance(10)]);
  assert.deepEqual(at.ids(), [1, 2]);
});

test('it gives up on another process that writes for too long', async () => {
  await using at = await bench();
  const other = at.connectAgain();
  other.exec('BEGIN IMMEDIATE');
  const units = Promise.allSettled([at.insert(1), at.insert(2)]);
  await at.runtime.clock.advance(4_990);
  await at.runtime.clock.advance(20);
  for (const result of await units) assert.equal(result.status === 'rejected' && result.reason.code, 'STORE_UNAVAILABLE');
  other.exec('ROLLBACK');
  await at.insert(3);
  assert.deepEqual(at.ids(), [3]);
});
