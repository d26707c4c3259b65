import { test } from 'node:test';
import { simulateApart } from './apart.ts';

test('ten thousand seeds keep every promise', async () => {
  await simulateApart({ script: new URL('test/freight.simulation.ts', import.meta.url), seeds: 10_000 });
});
