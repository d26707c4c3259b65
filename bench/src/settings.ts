import type { BenchCase, Settings } from './case.ts';

/** The flag of a parameter: `inFlight` is `--in-flight`. */
export function flagOf(parameter: string): string {
  return parameter.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What was given and none of the cases takes. */
export function leftAside(chosen: readonly BenchCase[], given: ReadonlyMap<string, string>): string[] {
  const taken = new Set(chosen.flatMap(({ takes }) => Object.keys(takes).map(flagOf)));
  return [...given.keys()].filter((flag) => !taken.has(flag));
}

/**
 * All combinations of what a case takes, the first value of each coming first; a value that was given takes the place of the
 * standard ones. Throws a sentence for a value that can't be.
 */
export function settingsOf(one: BenchCase, given: ReadonlyMap<string, string>): Settings[] {
  let combinations: Settings[] = [{}];
  for (const [parameter, standard] of Object.entries(one.takes)) {
    const text = given.get(flagOf(parameter));
    const values = text === undefined ? standard : [parse({ flag: flagOf(parameter), text, standard })];
    combinations = combinations.flatMap((settings) => values.map((value) => ({ ...settings, [parameter]: value })));
  }
  return combinations;
}

interface Given {
  readonly flag: string;
  readonly text: string;
  readonly standard: readonly (string | number)[];
}

function parse({ flag, text, standard }: Given): string | number {
  if (typeof standard[0] === 'number') {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`--${flag} is a number above 0, not "${text}".`);
    return value;
  }
  if (!standard.includes(text)) throw new Error(`--${flag} is one of ${standard.join(', ')}, not "${text}".`);
  return text;
}

/** The settings as one would write them on the command line. */
export function flagsFor(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([parameter, value]) => [`--${flagOf(parameter)}`, String(value)]);
}
