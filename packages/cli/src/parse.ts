import { parseArgs } from 'node:util';
import { type Command, type OptionSpecs, type OptionValues, wrongUsage } from './command.ts';

export interface Parsed {
  readonly args: readonly string[];
  readonly options: OptionValues<OptionSpecs>;
  readonly json: boolean;
  readonly help: boolean;
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', description: 'Answer as JSON, one value per line; errors as JSON on standard error' },
  help: { type: 'boolean', description: 'Show this help' },
} as const satisfies OptionSpecs;

/** Reads a command's part of the command line. Throws `WRONG_USAGE` that names what does not fit. */
export function parseCommand(command: Command, argv: readonly string[]): Parsed {
  const { values, positionals } = parse({ ...command.options, ...COMMON_OPTIONS }, argv);
  const { json = false, help = false, ...options } = values;
  for (const [name, spec] of Object.entries(command.options)) {
    // What a script meant by a variable that is not set, nobody can know: a folder without a name would be this one.
    if (options[name] === '') throw wrongUsage(`--${name} is empty; give it a value or leave it out`);
    options[name] ??= spec.type === 'boolean' ? false : spec.multiple ? [] : undefined;
  }
  if (help !== true) refuseCount(command, positionals);
  return { args: positionals, options: options as Parsed['options'], json: json === true, help: help === true };
}

function parse(specs: OptionSpecs, argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  } catch (error) {
    throw wrongUsage((error as Error).message);
  }
}

function refuseCount({ args }: Command, given: readonly string[]): void {
  const missing = args.slice(given.length).find(({ isOptional }) => !isOptional);
  if (missing) throw wrongUsage(`${missing.name} is missing: ${missing.description}`);
  const isOpenEnded = args.at(-1)?.isMany === true;
  if (!isOpenEnded && given.length > args.length) throw wrongUsage(`'${given[args.length]}' is one argument too many`);
}
