import { Run } from '../run.ts';
import { openStage } from '../simulate.ts';
import { fingerprint } from '../trace.ts';
import { freight } from './freight.ts';
import { book, clients, invariants } from './freight-invariants.ts';

/** How each seed's run went, in a hash. */
export async function fingerprints(seeds: readonly number[]): Promise<string[]> {
  await using stage = await openStage({ system: freight, clients, workload: book, invariants });
  const prints: string[] = [];
  for (const seed of seeds) {
    const { trace } = await new Run(stage, { seed, visitors: [1, 2] }, true).finish();
    prints.push(fingerprint(trace));
  }
  return prints;
}
