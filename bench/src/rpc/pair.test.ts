import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPair } from './pair.ts';

for (const file of ['flotilla.ts', 'nest.ts', 'moleculer.ts', 'grpc.ts', 'fastify.ts']) {
  test(`one process asks the other for a product: ${file}`, { timeout: 60_000 }, async () => {
    await using pair = await openPair(file);
    const figures = await pair.measure({ inFlight: 2, durationMs: 20 });
    assert.ok(figures['calls/s']! > 0);
  });
}

test('a server that does not come up is said so', { timeout: 60_000 }, async () => {
  await assert.rejects(openPair('stays-away.test-peer.ts'), /ended too early/);
});
