import { test } from 'node:test';
import { simulate } from './simulate.ts';
import { book, clients, invariants } from './test/freight-invariants.ts';
import { freight } from './test/freight.ts';

/** Ten thousand take four minutes of a processor: `SIMULATION_SEEDS=10000`. */
const SEEDS = 4_000;

test('thousands of seeds keep every promise', async (context) => {
  const { runs, faults } = await simulate({ system: freight, clients, workload: book, invariants, visitors: 2, seeds: SEEDS });
  context.diagnostic(`${runs} runs, ${faults} faults`);
});
