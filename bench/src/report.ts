import { cpus, loadavg, totalmem, type } from 'node:os';
import type { Measured, Summaries } from './measure.ts';
import { flagsFor } from './settings.ts';

/** The conditions that results were taken under. */
export interface Report {
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  /** Programs that wanted a processor, on average over the last minute: this bench among them. */
  readonly load: number;
  readonly runs: readonly Measured[];
}

/** All results with the conditions they were taken under. */
export function report(runs: readonly Measured[]): Report {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${type()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory} GiB`;
  return { at: new Date().toISOString(), machine, node: process.version, load: loadavg()[0]!, runs };
}

/**
 * For programs. One case is one object with the medians of its first run on top and its other runs below `others`; several cases
 * are a list.
 */
export function asJson({ runs, ...conditions }: Report): object {
  const [first, ...others] = runs.map(flat);
  const oneCase = runs.every(({ name }) => name === runs[0]?.name);
  if (!oneCase) return { ...conditions, cases: [first, ...others] };
  return { ...first, ...conditions, ...(others.length > 0 && { others }) };
}

function flat({ name, title, settings, own, peers, ratios, rounds }: Measured): object {
  const of = (each: Measured['peers']): object =>
    Object.fromEntries(Object.entries(each).map(([who, figures]) => [who, medians(figures)]));
  return { case: name, title, ...settings, ...medians(own), peers: of(peers), ratios: of(ratios), spread: own, rounds };
}

const medians = (figures: Summaries): object =>
  Object.fromEntries(Object.entries(figures).map(([name, { median }]) => [name, median]));

/** For people: median and spread of each figure. */
export function asText({ machine, node, load, runs }: Report): string {
  const lines = runs.flatMap((run) => ['', [run.name, ...flagsFor(run.settings)].join(' '), run.title, ...table(run)]);
  const rounds = runs[0]?.rounds.length ?? 0;
  return [`${machine}; Node ${node}; load ${number(load)}; median of ${rounds} rounds (lowest – highest)`, ...lines].join('\n');
}

function table({ own, peers, ratios }: Measured): string[] {
  const named = (each: Measured['peers'], before: string): [string, Summaries[string]][] =>
    Object.entries(each).flatMap(([who, figures]) =>
      Object.entries(figures).map(([name, summary]): [string, Summaries[string]] => [`${before}${who}: ${name}`, summary]),
    );
  const rows = [...Object.entries(own), ...named(peers, ''), ...named(ratios, 'ours ÷ ')];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, { median, min, max }]) => {
    return `  ${name.padEnd(width)}  ${number(median).padStart(10)}  (${number(min)} – ${number(max)})`;
  });
}

/** Three digits that mean something. */
function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
