import { relative } from 'node:path';
import { FlotillaError } from '../../kernel/index.ts';
import type { Script } from './run.ts';

const FORM = /^(\d+)(?::v((?:\d+,?)*)(?::f((?:\w+,?)*))?)?$/;
const RANGE = /^(?:(\d+)-)?(\d+)$/;

/** A script in one word: `4711`, or `4711:v1,3:f1x0k3,1b07q` with only these visitors and only these occasions for faults. */
export function formatScript({ seed, visitors, faults }: Script): string {
  return `${seed}:v${visitors.join(',')}${faults ? `:f${faults.join(',')}` : ''}`;
}

/** Throws `INVALID_SEED`. */
export function parseScript(text: string, allVisitors: readonly number[]): Script {
  const match = FORM.exec(text);
  if (!match) {
    const message = `SEED=${text} is no seed. Write a number, or what a failing simulation printed, such as 4711:v1,3:f1x0k3.`;
    throw new FlotillaError('INVALID_SEED', { kind: 'invalid', message });
  }
  const [, seed, visitors, faults] = match;
  return {
    seed: Number(seed),
    visitors: visitors === undefined ? allVisitors : items(visitors).map(Number),
    ...(faults !== undefined && { faults: items(faults) }),
  };
}

/** `10000` for the first ten thousand, `5001-10000` for the second half of them. Throws `INVALID_SEED`. */
export function parseSeeds(text: string): { readonly first: number; readonly last: number } {
  const match = RANGE.exec(text);
  if (!match) {
    const message = `SIMULATION_SEEDS=${text} says neither how many nor which seeds. Write 10000 or 5001-10000.`;
    throw new FlotillaError('INVALID_SEED', { kind: 'invalid', message });
  }
  return { first: Number(match[1] ?? 1), last: Number(match[2]) };
}

/** What to type to see that run again. */
export function replayCommand(script: Script): string {
  const [, file = ''] = process.argv;
  return `SEED=${formatScript(script)} node ${relative(process.cwd(), file)}`;
}

function items(text: string): string[] {
  return text.split(',').filter(Boolean);
}
