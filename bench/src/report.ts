import { cpus, totalmem, type } from 'node:os';
import type { Measured } from './measure.ts';

export interface Report {
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  readonly cases: readonly Measured[];
}

/** All results with the conditions they were taken under. */
export function report(cases: readonly Measured[]): Report {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${type()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory} GiB`;
  return { at: new Date().toISOString(), machine, node: process.version, cases };
}

/** For people: median and spread of each figure. */
export function asText({ machine, node, cases }: Report): string {
  const lines = cases.flatMap((one) => [``, `${one.name}: ${one.title}`, ...table(one)]);
  return [`${machine}; Node ${node}; median of ${cases[0]?.rounds.length ?? 0} rounds (lowest – highest)`, ...lines].join('\n');
}

function table({ figures }: Measured): string[] {
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  return Object.entries(figures).map(([name, { median, min, max }]) => {
    return `  ${name.padEnd(width)}  ${number(median).padStart(10)}  (${number(min)} – ${number(max)})`;
  });
}

/** Three digits that mean something. */
function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
