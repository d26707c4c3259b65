import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeRuntime } from '../testing/index.ts';
import { systemRandom, uuidV7 } from './index.ts';

test('ids are version 7 UUIDs that rise strictly, within a millisecond, over time, and when the clock jumps back', async () => {
  const { clock } = createFakeRuntime();
  const ids = uuidV7(clock, systemRandom);
  const made: string[] = [];
  const make = (count: number): void => void made.push(...Array.from({ length: count }, ids));
  make(5_000);
  await clock.advance(10);
  make(100);
  clock.step(-3_600_000);
  make(100);
  assert.equal(new Set(made).size, made.length);
  assert.deepEqual(made, [...made].sort());
  for (const id of made) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
