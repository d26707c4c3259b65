import type { SagaDefinition } from './definition.ts';

/** Sagas with all that they start, and what those start: whoever runs the one runs the others too. */
export function withChildren(sagas: readonly SagaDefinition[]): readonly SagaDefinition[] {
  const all = new Set(sagas);
  // What is added on the way comes to its turn too.
  for (const { stages } of all) {
    for (const stage of stages) if (stage.kind === 'child') all.add(stage.saga);
  }
  return [...all];
}
