import type { BenchCase } from './case.ts';

/** The cases that were named, by their whole names or how these begin; all when none is named. */
export function chooseCases(all: readonly BenchCase[], names: readonly string[]): readonly BenchCase[] {
  if (names.length === 0) return all;
  const chosen = new Set(
    names.flatMap((wanted) => {
      const exact = all.filter(({ name }) => name === wanted);
      return exact.length > 0 ? exact : all.filter(({ name }) => name.startsWith(wanted));
    }),
  );
  return all.filter((one) => chosen.has(one));
}
