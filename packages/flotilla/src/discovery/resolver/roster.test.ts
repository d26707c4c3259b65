import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listedInstance } from '../../testing/index.ts';
import { Roster } from './roster.ts';

const set = (count: number) => Array.from({ length: count }, (_, index) => listedInstance(`i${index}`));
const gone = (id: string, reason: 'left' | 'expired') => ({ kind: 'gone', id, service: 'catalog', reason }) as const;
const believed = { now: 0, wiped: false };

function roster(count: number): Roster {
  const made = new Roster();
  made.replace(set(count), believed);
  return made;
}

test('a few who are missing are believed to be gone', () => {
  const known = roster(20);
  known.replace(set(17), believed);
  assert.equal(known.all().length, 17);
});

test('many who are missing at once are held for a minute, marked, and let go', () => {
  const known = roster(20);
  known.replace(set(10), { now: 5, wiped: false });
  assert.equal(known.all().length, 20);
  assert.equal(known.all().filter(({ stale }) => stale).length, 10);
  assert.equal(known.release(60_000), false);
  assert.equal(known.release(60_005), true);
  assert.equal(known.all().length, 10);
});

test('nobody is believed to be gone whom a wiped registry forgot; whoever returns is held no more', () => {
  const known = roster(3);
  known.replace([], { now: 0, wiped: true });
  assert.equal(known.all().length, 3);
  known.apply([{ kind: 'put', instance: listedInstance('i1') }], 10);
  assert.equal(known.release(60_000), true);
  assert.deepEqual(
    known.all().map(({ id, stale }) => ({ id, stale })),
    [{ id: 'i1', stale: false }],
  );
});

test('those who leave by their own word, or were draining, are gone however many they are', () => {
  const known = roster(20);
  known.apply(
    set(20)
      .slice(5)
      .map(({ id }) => gone(id, 'left')),
    0,
  );
  assert.equal(known.all().length, 5);
  const draining = new Roster();
  draining.replace(
    set(20).map((instance) => ({ ...instance, status: 'draining' })),
    believed,
  );
  draining.replace([], believed);
  assert.deepEqual(draining.all(), []);
});

test('leases that end together are held, one by one they are believed', () => {
  const known = roster(20);
  known.apply(
    set(5).map(({ id }) => gone(id, 'expired')),
    0,
  );
  assert.equal(known.held, 5);
  const slow = roster(20);
  for (const { id } of set(5)) slow.apply([gone(id, 'expired')], 0);
  assert.equal(slow.all().length, 15);
});

test('whatever the registry says, more than 15 % of ten or more never vanish in one step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 40 }), fc.nat(40), fc.boolean(), (size, left, wiped) => {
      const known = roster(size);
      known.replace(set(Math.min(left, size)), { now: 0, wiped });
      assert.ok(known.all().length >= Math.floor(size * 0.85));
    }),
  );
});
