import type { SagaDefinition } from './definition.ts';
import { namesOf, type Stage } from './stage.ts';
import type { SagaStep } from './step.ts';

/** What is wrong with adding this stage to a saga, as the end of a sentence; undefined when nothing is. */
export function misuse({ stages }: SagaDefinition, stage: Stage): string | undefined {
  const taken = new Set(stages.flatMap(namesOf));
  for (const name of namesOf(stage)) {
    if (name.startsWith('$')) return `has a step named '${name}'; names that start with $ are the journal's own`;
    if (taken.has(name)) return `has two steps named '${name}'`;
    taken.add(name);
  }
  if (stage.kind !== 'steps') return undefined;
  if (stage.steps.length === 0) return 'has a parallel group without steps';
  return pivotMisuse(stages, stage.steps) ?? triesMisuse(stage.steps);
}

function pivotMisuse(stages: readonly Stage[], steps: readonly SagaStep[]): string | undefined {
  const pivot = steps.find((step) => step.pivot);
  if (!pivot) return undefined;
  if (steps.length > 1) return `has its pivot '${pivot.name}' in a parallel group; a point of no return stands alone`;
  const earlier = stages.some((stage) => stage.kind === 'steps' && stage.steps.some((step) => step.pivot));
  return earlier ? `has a second pivot, '${pivot.name}'; there is only one point of no return` : undefined;
}

function triesMisuse(steps: readonly SagaStep[]): string | undefined {
  const countable = (tries: number): boolean => Number.isInteger(tries) && tries >= 1;
  const wrong = steps.find(({ attempts, compensations }) => ![attempts, compensations].every(countable));
  return wrong && `lets step '${wrong.name}' try less than once; tries are whole numbers from 1`;
}
