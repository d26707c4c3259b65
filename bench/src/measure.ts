import type { BenchCase, Figures } from './case.ts';
import { type Summary, summarise } from './stats.ts';

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly rounds: readonly Figures[];
  readonly figures: Readonly<Record<string, Summary>>;
}

/** Sets a case up, warms it up for one round, then measures. */
export async function measure(of: BenchCase, rounds: number): Promise<Measured> {
  await using subject = await of.open();
  await subject.round();
  const taken: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) taken.push(await subject.round());
  const names = Object.keys(taken[0] ?? {});
  const figures = Object.fromEntries(names.map((name) => [name, summarise(taken.map((one) => one[name]!))]));
  return { name: of.name, title: of.title, rounds: taken, figures };
}
