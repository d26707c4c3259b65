import { FlotillaError, type Runtime } from 'flotilla/kernel';
import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  type: 'string' | 'boolean';
  /** What stands for the value in help: `DIR`. */
  value?: string;
  description: string;
  /** May be given more than once. */
  multiple?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What options hold, as their specs say. */
export type OptionValues<TSpecs extends OptionSpecs> = {
  readonly [TKey in keyof TSpecs]: TSpecs[TKey] extends { type: 'boolean' }
    ? boolean
    : TSpecs[TKey] extends { multiple: true }
      ? readonly string[]
      : string | undefined;
};

export interface ArgumentSpec {
  /** In capitals: `SYSTEM`. */
  name: string;
  description: string;
  isOptional?: boolean;
  /** Takes all that follow. */
  isMany?: boolean;
}

/** What a command works with. */
export interface Invocation<TSpecs extends OptionSpecs = OptionSpecs> {
  readonly args: readonly string[];
  readonly options: OptionValues<TSpecs>;
  readonly terminal: Terminal;
  readonly runtime: Runtime;
  /** Monotonic time at which the program began. */
  readonly startedAt: number;
}

export interface Command<TSpecs extends OptionSpecs = OptionSpecs> {
  /** What the summary in the list of commands leaves open. */
  readonly description: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: TSpecs;
  readonly examples: readonly string[];
  /** What `--json` prints. */
  readonly json: string;
  /** Resolves with the exit code. Failures reject with a `FlotillaError`. */
  readonly run: (invocation: Invocation<TSpecs>) => Promise<number>;
}

/** Declares a command; the options that `run` sees have the types their specs say. */
export function defineCommand<const TSpecs extends OptionSpecs>(command: Command<TSpecs>): Command {
  // One list holds commands of all options; the parser gives each the values of its own specs.
  return command as unknown as Command;
}

/** The error for a command that is written wrongly. */
export function wrongUsage(message: string): FlotillaError {
  return new FlotillaError('WRONG_USAGE', { kind: 'invalid', message });
}
