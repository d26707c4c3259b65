import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPair } from './pair.ts';
import { ours, peers } from './pairs.ts';

for (const [name, file] of [ours, ...peers]) {
  test(`one process asks the other for a product: ${name}`, { timeout: 60_000 }, async () => {
    await using pair = await openPair(file);
    const figures = await pair.measure({ inFlight: 2, durationMs: 20 });
    assert.ok(figures.perSecond! > 0);
  });
}

test('a server that does not come up is said so', { timeout: 60_000 }, async () => {
  await assert.rejects(openPair(join(import.meta.dirname, 'stays-away.test-peer.ts')), /ended too early/);
});
