import { readFile } from 'node:fs/promises';
import { systemRuntime, toFlotillaError } from 'flotilla/kernel';
import { wrongUsage } from './command.ts';
import { type CommandEntry, COMMANDS } from './command-list.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { helpOf, overview } from './help.ts';
import { parseCommand } from './parse.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** Runs one command line and resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  leaveQuietlyWhenNobodyReads();
  const terminal = createTerminal(argv.includes('--json'));
  try {
    return await runCommand(argv, terminal);
  } catch (error) {
    report(error, argv, terminal);
    return exitCodeOf(error);
  }
}

async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const startedAt = systemRuntime.clock.monotonic();
  const words = wordsOf(argv);
  const entry = entryOf(words);
  if (!entry) return await general(argv, terminal);
  const command = await entry.load();
  const { args, options, json, help } = parseCommand(command, argv.slice(entry.name.split(' ').length));
  if (help) {
    terminal.print(helpOf(entry, command, terminal.style));
    return EXIT.good;
  }
  return await command.run({ args, options, terminal: createTerminal(json), runtime: systemRuntime, startedAt });
}

/** What is not a command: a wish for help or for the version, or a mistake. */
async function general(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first, second] = wordsOf(argv);
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  const wantsHelp = first === 'help' || argv.includes('--help') || argv.includes('-h');
  if (argv.length === 0 || (wantsHelp && (first === undefined || first === 'help' || family.length > 0))) {
    terminal.print(overview(family.length > 0 ? family : COMMANDS, terminal.style));
    return EXIT.good;
  }
  if (argv[0] === '--version') {
    terminal.print(await version());
    return EXIT.good;
  }
  if (first === undefined) throw wrongUsage(`Write a command first, then its options: '${argv[0]}' came before any`);
  if (family.length > 0 && second === undefined) throw wrongUsage(`'${first}' wants one more word: ${namesOf(family)}`);
  const given = family.length > 0 ? `${first} ${second}` : first;
  throw wrongUsage(`There is no command '${given}'. There is: ${namesOf(family.length > 0 ? family : COMMANDS)}`);
}

function namesOf(entries: readonly CommandEntry[]): string {
  return entries.map(({ name }) => name).join(', ');
}

/** The one with the longest name: `projections rebuild` is not `projections`. */
function entryOf(words: readonly string[]): CommandEntry | undefined {
  const fitting = COMMANDS.filter(({ name }) => startsWith(words, name));
  return fitting.sort((left, right) => right.name.length - left.name.length)[0];
}

function startsWith(words: readonly string[], name: string): boolean {
  return name === words.slice(0, name.split(' ').length).join(' ');
}

/** The words before the first option. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return end === -1 ? argv : argv.slice(0, end);
}

function report(error: unknown, argv: readonly string[], terminal: Terminal): void {
  const { code, kind, message, details, cause } = toFlotillaError(error);
  if (terminal.json) {
    terminal.note(JSON.stringify({ error: { code, kind, message, details } }));
    return;
  }
  // A failure nobody foresaw says nothing for itself; whoever runs the command needs to see what it was.
  terminal.note(code === 'INTERNAL' && cause !== undefined ? `flotilla failed unexpectedly: ${textOf(cause)}` : message);
  if (code !== 'WRONG_USAGE') return;
  const entry = entryOf(wordsOf(argv));
  terminal.note(`See: flotilla ${entry ? `${entry.name} ` : ''}--help`);
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** `flotilla events tail | head` ends when head does. */
function leaveQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.good);
  });
}
