import type { Command, OptionSpecs } from './command.ts';
import type { CommandEntry } from './command-list.ts';
import { COMMON_OPTIONS } from './parse.ts';
import type { Terminal } from './terminal.ts';

type Row = readonly [left: string, right: string];
type Style = Terminal['style'];

/** All commands, grouped as they are listed. */
export function overview(entries: readonly CommandEntry[], style: Style): string {
  const groups = [...new Set(entries.map(({ group }) => group))];
  const rows = (group: string): Row[] =>
    entries.filter((entry) => entry.group === group).map(({ name, summary }) => [name, summary]);
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [
    `${style('bold', 'flotilla')} runs, watches and repairs a system of services.`,
    section('Usage', ['flotilla COMMAND [OPTIONS]'], style),
    ...groups.map((group) => section(group, columns(rows(group), width), style)),
    section('Examples', ['flotilla dev system.ts', 'flotilla sagas list --status stuck', 'flotilla call --help'], style),
    'Exit codes: 0 good, 1 what was asked for failed, 2 wrong usage, 3 no running system found.',
  ].join('\n\n');
}

/** How one command is used. */
export function helpOf({ name, summary }: CommandEntry, command: Command, style: Style): string {
  const args = command.args.map((argument): Row => [argument.name, argument.description]);
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS } as OptionSpecs).map(
    ([option, { value, description, multiple }]): Row => [
      `--${option}${value === undefined ? '' : ` ${value}`}`,
      multiple ? `${description} (may be repeated)` : description,
    ],
  );
  const width = Math.max(...[...args, ...options].map(([left]) => left.length));
  return [
    `${style('bold', `flotilla ${name}`)}: ${summary}.\n\n${command.description}`,
    section('Usage', [usageOf(name, command)], style),
    ...(args.length > 0 ? [section('Arguments', columns(args, width), style)] : []),
    section('Options', columns(options, width), style),
    section(command.examples.length > 1 ? 'Examples' : 'Example', command.examples, style),
    section('With --json', [command.json], style),
  ].join('\n\n');
}

/** One line: `flotilla sagas show ID [OPTIONS]`. */
function usageOf(name: string, { args }: Command): string {
  const shown = args.map((argument) => {
    const text = argument.isMany ? `${argument.name}…` : argument.name;
    return argument.isOptional ? `[${text}]` : text;
  });
  return ['flotilla', name, ...shown, '[OPTIONS]'].join(' ');
}

function section(title: string, lines: readonly string[], style: Style): string {
  return [style('bold', title), ...lines.map((line) => `  ${line}`)].join('\n');
}

function columns(rows: readonly Row[], width: number): string[] {
  return rows.map(([left, right]) => `${left.padEnd(width + 2)}${right}`);
}
