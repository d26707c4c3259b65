import type { BenchCase, Conditions, Figures, Round, Settings } from './case.ts';
import { ratiosOf } from './ratios.ts';
import { type Summary, summarise } from './stats.ts';

export type Summaries = Readonly<Record<string, Summary>>;

export interface Measured {
  readonly name: string;
  readonly title: string;
  readonly settings: Settings;
  readonly own: Summaries;
  readonly peers: Readonly<Record<string, Summaries>>;
  /** Ours ÷ theirs, taken in each round; `fastest` is whoever was best in that round. */
  readonly ratios: Readonly<Record<string, Summaries>>;
  readonly rounds: readonly Round[];
}

export interface Run {
  readonly of: BenchCase;
  readonly settings: Settings;
  readonly conditions: Conditions;
}

/** Sets a case up, warms it up for one round, then measures. */
export async function measure({ of, settings, conditions }: Run, times: number): Promise<Measured> {
  await using subject = await of.open(settings, conditions);
  await subject.round();
  const rounds: Round[] = [];
  for (let taken = 0; taken < times; taken += 1) rounds.push(await subject.round());
  return {
    name: of.name,
    title: of.title,
    settings,
    own: summaries(rounds.map(({ own }) => own)),
    peers: eachOf(rounds.map(({ peers = {} }) => peers)),
    ratios: eachOf(rounds.map(ratiosOf)),
    rounds,
  };
}

function eachOf(rounds: readonly Readonly<Record<string, Figures>>[]): Record<string, Summaries> {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, summaries(rounds.map((round) => round[name]!))]));
}

function summaries(rounds: readonly Figures[]): Summaries {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, summarise(rounds.map((figures) => figures[name]!))]));
}
