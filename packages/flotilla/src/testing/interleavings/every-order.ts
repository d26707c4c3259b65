import type { Conductor } from './conductor.ts';

/** What came of trying every order. */
export interface Orders {
  readonly runs: number;
  /** Broken promises, each with the order that broke it. */
  readonly broken: readonly string[];
}

/** A run under the given choices: who conducted it, and which promises it broke. */
export type Try = (choices: readonly number[]) => Promise<{ readonly conductor: Conductor; readonly broken: readonly string[] }>;

/** Runs the same thing in every order that there is within its bounds: depth first, each run from the beginning. */
export async function everyOrder(attempt: Try): Promise<Orders> {
  const broken: string[] = [];
  let runs = 0;
  for (let choices: readonly number[] | undefined = []; choices;) {
    const outcome = await attempt(choices);
    runs += 1;
    const { taken, story } = outcome.conductor;
    broken.push(...outcome.broken.map((promise) => `${promise}\n  ${story.join('\n  ')}`));
    choices = next(taken);
  }
  return { runs, broken };
}

/** The last choice that leaves another way is changed, and what came after it starts from its first way. */
function next(taken: Conductor['taken']): readonly number[] | undefined {
  const last = taken.findLastIndex(({ way, ways }) => way + 1 < ways);
  return last === -1 ? undefined : [...taken.slice(0, last).map(({ way }) => way), taken[last]!.way + 1];
}
