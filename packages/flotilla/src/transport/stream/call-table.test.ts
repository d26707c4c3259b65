import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { CallTable } from './call-table.ts';

it('behaves like a map, whatever the numbers', () => {
  const id = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 0, max: 5 }).map((times) => 7 + times * 65_536),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  const act = fc.record({ id, adds: fc.boolean() });
  const property = fc.property(fc.array(act, { maxLength: 2_000, size: 'max' }), (acts) => {
    const table = new CallTable<{ id: number }>();
    const map = new Map<number, { id: number }>();
    for (const { id: number, adds } of acts) {
      if (!adds) assert.equal(table.delete(number), map.delete(number));
      else if (!map.has(number)) {
        const call = { id: number };
        map.set(number, call);
        table.add(call);
      }
      assert.equal(table.get(number), map.get(number));
      assert.equal(table.size, map.size);
    }
    for (const [number, call] of map) assert.equal(table.get(number), call);
    assert.deepEqual(new Set(table.all()), new Set(map.values()));
  });
  fc.assert(property, { numRuns: 200 });
});

it('has a place of its own for every number that is given out in turn', () => {
  const table = new CallTable<{ id: number }>();
  let last = 0;
  for (let call = 0; call < 10_000; call++) {
    do last++;
    while (!table.hasPlaceFor(last));
    table.add({ id: last });
    if (call % 3 > 0) assert.ok(table.delete(last));
  }
  assert.equal(table.size, 3_334);
  for (const { id } of table.all()) assert.equal(table.get(id)?.id, id);
});
