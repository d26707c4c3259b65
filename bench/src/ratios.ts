import type { Figures, Round } from './case.ts';

/** The figures worth dividing: more of the first is better, less of the others. */
const COMPARED = [
  ['perSecond', Math.max],
  ['p50Ms', Math.min],
  ['p99Ms', Math.min],
] as const;

/** Ours ÷ theirs for each peer of a round, and for the best of them where there are several. */
export function ratiosOf({ own, peers = {} }: Round): Readonly<Record<string, Figures>> {
  const all = Object.entries(peers);
  if (all.length < 2) return Object.fromEntries(all.map(([name, figures]) => [name, divide(own, figures)]));
  const best = Object.fromEntries(COMPARED.map(([figure, pick]) => [figure, pick(...all.map(([, theirs]) => theirs[figure]!))]));
  return Object.fromEntries([...all, ['fastest', best] as const].map(([name, figures]) => [name, divide(own, figures)]));
}

function divide(own: Figures, theirs: Figures): Figures {
  const both = COMPARED.filter(([figure]) => figure in own && figure in theirs);
  return Object.fromEntries(both.map(([figure]) => [figure, own[figure]! / theirs[figure]!]));
}
