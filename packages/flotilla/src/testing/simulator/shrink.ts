import type { Outcome, Script } from './run.ts';

/** The smallest run that was found to fail still, and how it went. */
export interface Shrunk {
  readonly script: Script;
  readonly outcome: Outcome;
  readonly runs: number;
}

const MOST_RUNS = 300;

/**
 * Makes a failing run smaller while it still fails: fewer visitors, then fewer faults, by ddmin (Zeller & Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", 2002).
 */
export async function shrink(failing: Script, play: (script: Script) => Promise<Outcome>): Promise<Shrunk> {
  let script = failing;
  let outcome = await play(script);
  let runs = 1;

  async function stillFails(smaller: Script): Promise<boolean> {
    if (runs >= MOST_RUNS) return false;
    runs += 1;
    const tried = await play(smaller);
    if (tried.broken.length === 0) return false;
    script = smaller;
    outcome = tried;
    return true;
  }

  const faultsOf = (): readonly string[] => outcome.faults.map(({ occasion }) => occasion);
  const fewerVisitors = (): Promise<void> =>
    minimise(script.visitors, async (visitors) => visitors.length > 0 && (await stillFails({ ...script, visitors })));
  const fewerFaults = (): Promise<void> => minimise(faultsOf(), (faults) => stillFails({ ...script, faults }));
  await stillFails({ ...script, faults: [] });
  await fewerFaults();
  await fewerVisitors();
  await fewerFaults();
  return { script: { ...script, faults: faultsOf() }, outcome, runs };
}

/** Leaves out as many items as it can, halves first, then quarters, at last single ones. */
async function minimise<TItem>(all: readonly TItem[], isEnough: (items: readonly TItem[]) => Promise<boolean>): Promise<void> {
  let items = all;
  for (let parts = 2; items.length > 0;) {
    const size = Math.ceil(items.length / parts);
    const chunks = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
    const without = chunks.map((start) => items.filter((_, index) => index < start || index >= start + size));
    const smaller = await firstOf(without, isEnough);
    if (smaller) {
      items = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return;
    else parts = Math.min(items.length, parts * 2);
  }
}

async function firstOf<TItem>(
  candidates: readonly TItem[],
  isEnough: (candidate: TItem) => Promise<boolean>,
): Promise<TItem | undefined> {
  for (const candidate of candidates) if (await isEnough(candidate)) return candidate;
  return undefined;
}
